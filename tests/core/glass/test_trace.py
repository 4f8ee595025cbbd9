"""A trace: every site and no other, in order, with the right axes and labels, read-only, and bit for bit what ran."""

from itertools import product

import numpy as np
import pytest
import torch

from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SIZES,
    SOURCE_IDS,
    SOURCE_V,
    TARGET_IDS,
    S,
    T,
    V,
    make_config,
    make_model,
    shape_name,
    trace_of,
)
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.hooks import listening
from transformer_core.glass.sites import all_sites
from transformer_core.transformer.plans import transformer_plan

KEY_OPTIONS = [
    {"scale_embedding": scale, "head_transform": transform} for scale, transform in product((True, False), repeat=2)
]
CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [*KEY_OPTIONS, OTHER_OPTIONS])]
FEW_CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]


def config_name(config):
    fields = config.architecture, config.order, config.embedding.scale, config.head.transform, config.positions
    return "-".join(str(field) for field in fields)


def on_all(configs):
    return pytest.mark.parametrize("config", configs, ids=config_name)


class TestKeys:
    @on_all(CONFIGS)
    def test_the_keys_are_the_sites_in_order(self, config):
        trace = trace_of(make_model(config))
        assert list(trace) == list(trace.keys()) == [site.key for site in all_sites(transformer_plan(config))]
        assert len(trace) == len(all_sites(transformer_plan(config)))

    @on_all(CONFIGS)
    def test_hook_points_are_passed_in_the_order_of_the_list_and_once_each(self, config):
        """The listed order is the order of computation, heard from the model itself."""
        model, heard = make_model(config), []

        def listen(key, x):
            heard.append(key)
            return x

        with torch.inference_mode(), listening(listen):
            model(
                torch.tensor([SOURCE_IDS]) if config.has_encoder else None,
                torch.tensor([TARGET_IDS]) if config.has_decoder else None,
            )
        assert heard == [site.key for site in all_sites(transformer_plan(config)) if not site.derived]

    @on_all(FEW_CONFIGS)
    def test_every_shape_is_what_its_letters_say(self, config):
        """No value has a batch axis, and every axis has the length that its letter stands for."""
        trace, lengths = trace_of(make_model(config)), {"source": S, "target": T}
        for site in all_sites(transformer_plan(config)):
            sizes = SIZES | {"V": V if config.has_decoder else SOURCE_V}
            expected = tuple(
                lengths[side] if side else sizes[letter] for letter, side in zip(site.axes, site.sides, strict=True)
            )
            assert trace[site.key].shape == expected, site.key
            assert all(
                (letter in "LQK") == (side is not None) for letter, side in zip(site.axes, site.sides, strict=True)
            )

    def test_an_unknown_key_is_a_key_error_that_names_the_nearest(self):
        trace = trace_of(make_model())
        with pytest.raises(KeyError, match=r"decoder\.1\.cross_attn\.weights") as caught:
            trace["decoder.1.cross_attn.weight"]
        assert isinstance(caught.value, UnknownSiteError)
        with pytest.raises(UnknownSiteError):
            trace.tokens_of("decoder.5.input")

    def test_it_behaves_as_a_mapping(self):
        trace = trace_of(make_model())
        assert "decoder.1.self_attn.z" in trace
        assert "decoder.2.self_attn.z" not in trace
        assert trace.get("decoder.2.self_attn.z") is None
        assert trace.get("encoder.out") is trace["encoder.out"]
        assert dict(trace.items()).keys() == trace.keys()
        assert not hasattr(trace, "__setitem__")


class TestNeutral:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
    @on_all(FEW_CONFIGS)
    def test_traced_logits_are_bit_for_bit_the_untraced(self, config, dtype):
        model = make_model(config, dtype=dtype)
        source, target = (
            torch.tensor([ids]) if there else None
            for ids, there in ((SOURCE_IDS, config.has_encoder), (TARGET_IDS, config.has_decoder))
        )
        with torch.inference_mode():
            untraced = model(source, target)[0]
        with_gradients = model(source, target)[0].detach()
        traced = torch.from_numpy(trace_of(model)["head.logits"].copy())
        assert torch.equal(traced, untraced)
        assert torch.equal(traced, with_gradients)

    @on_all(FEW_CONFIGS)
    def test_dropout_is_off_and_training_goes_on_behind_it(self, config):
        model = make_model(config)
        expected = trace_of(model)
        model.train()
        trace = trace_of(model)
        assert all(module.training for module in model.modules())
        for key in expected:
            np.testing.assert_array_equal(trace[key], expected[key], err_msg=key)

    def test_a_model_in_training_is_put_back_even_if_the_pass_fails(self):
        model = make_model().train()
        with pytest.raises(ZeroDivisionError):
            trace_of(model, edit=lambda key, x: 1 / 0)
        assert model.training

    def test_a_model_in_eval_mode_stays_in_it(self):
        model = make_model()
        trace_of(model)
        assert not any(module.training for module in model.modules())

    def test_tracing_leaves_no_gradient_and_no_listener(self):
        model = make_model()
        trace = trace_of(model)
        assert all(parameter.grad is None for parameter in model.parameters())
        before = trace["encoder.out"].copy()
        model(torch.tensor([SOURCE_IDS[::-1]]), torch.tensor([TARGET_IDS]))
        np.testing.assert_array_equal(trace["encoder.out"], before)


class TestArrays:
    @on_all(FEW_CONFIGS)
    def test_values_and_parameters_are_read_only(self, config):
        trace = trace_of(make_model(config))
        for key, value in [*trace.items(), *trace.parameters.items()]:
            assert isinstance(value, np.ndarray), key
            with pytest.raises(ValueError, match="read-only"):
                value[...] = 0

    def test_reading_twice_gives_the_same_array(self):
        trace = trace_of(make_model())
        for key in trace:
            assert trace[key] is trace[key], key

    def test_parameters_are_the_models_own_under_their_names(self):
        model = make_model()
        trace = trace_of(model)
        named = dict(model.named_parameters(remove_duplicate=False))
        assert set(trace.parameters) == set(named)
        assert "head.W" in trace.parameters
        for name, parameter in named.items():
            assert np.shares_memory(trace.parameters[name], parameter.detach().numpy()), name

    @pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
    def test_an_input_is_the_previous_output_and_shares_its_memory(self, shape):
        trace = trace_of(make_model(**shape))
        for stack in ("encoder", "decoder"):
            if f"{stack}.0.input" in trace:
                embed = "src_embed" if stack == "encoder" else "tgt_embed"
                assert np.shares_memory(trace[f"{stack}.0.input"], trace[f"{embed}.out"])
                assert np.shares_memory(trace[f"{stack}.1.input"], trace[f"{stack}.0.out"])
                np.testing.assert_array_equal(trace[f"{stack}.1.input"], trace[f"{stack}.0.out"])

    @pytest.mark.parametrize("n_source", [5, 11])
    def test_values_that_share_memory_count_once(self, n_source):
        """Both sides read one table of positions: the longer side's part of it counts."""
        trace = trace_of(make_model(), source=[3] * n_source)
        stored = [trace[site.key] for site in all_sites(trace.plan) if not site.derived]
        buffers = {}
        for array in stored:
            buffers.setdefault(array.__array_interface__["data"][0], []).append(array.nbytes)
        assert trace.nbytes == sum(max(sizes) for sizes in buffers.values())
        assert trace.nbytes < sum(array.nbytes for array in stored)

    def test_the_memory_held_is_at_most_a_tenth_above_the_stored_values(self):
        """Storages behind the values, without the tables that all runs share, against what the values need."""
        model, storages, stored = make_model(), {}, {}

        def listen(key, x):
            if not key.endswith((".pos", ".mask")):  # shared by all runs
                storages[x.untyped_storage().data_ptr()] = x.untyped_storage().nbytes()
                stored[x.data_ptr()] = x.nbytes
            return x

        trace_of(model, edit=listen)
        assert sum(storages.values()) <= 1.1 * sum(stored.values())

    def test_derived_values_cost_nothing_until_they_are_read(self):
        trace = trace_of(make_model())
        before = trace.nbytes
        assert trace["decoder.0.self_attn.head_out"].nbytes > 0
        assert trace.nbytes == before


class TestDerived:
    @on_all(FEW_CONFIGS)
    def test_the_heads_and_the_bias_sum_to_the_blocks_output(self, config):
        trace = trace_of(make_model(config))
        blocks = [key.removesuffix(".head_out") for key in trace if key.endswith(".head_out")]
        assert blocks
        for block in blocks:
            total = trace[f"{block}.head_out"].sum(axis=0) + trace.parameters.get(f"{block}.b_O", 0)
            np.testing.assert_allclose(total, trace[f"{block}.out"], rtol=0, atol=1e-12, err_msg=block)

    def test_a_heads_output_reads_that_heads_rows_of_w_o_only(self):
        trace = trace_of(make_model())
        z, W_O = trace["encoder.1.self_attn.z"], trace.parameters["encoder.1.self_attn.W_O"]
        for head in range(3):
            expected = z[head] @ W_O[head * 4 : head * 4 + 4]
            np.testing.assert_allclose(trace["encoder.1.self_attn.head_out"][head], expected, rtol=0, atol=1e-12)

    @on_all(FEW_CONFIGS)
    def test_probabilities_are_the_softmax_of_the_logits(self, config):
        trace = trace_of(make_model(config))
        expected = torch.tensor(trace["head.logits"]).softmax(dim=-1).numpy()
        np.testing.assert_allclose(trace["head.probs"], expected, rtol=0, atol=1e-13)

    def test_huge_logits_have_probabilities_too(self):
        """The largest logit is subtracted first (a softmax without that overflows)."""
        trace = trace_of(make_model(), edit=lambda key, x: x * 1e4 if key == "head.logits" else x)
        assert np.isfinite(trace["head.probs"]).all()
        np.testing.assert_allclose(trace["head.probs"].sum(axis=-1), 1, rtol=0, atol=1e-12)
