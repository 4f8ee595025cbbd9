"""A trace: every site and no other, in order, with the right axes and labels, read-only, and bit for bit what ran."""

import re
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
from transformer_core.capture import run_with_trace
from transformer_core.errors import ShapeError, TargetError, UnknownSiteError
from transformer_core.hooks import listening
from transformer_core.sites import all_sites, sites_by_key

KEY_OPTIONS = [
    {"scale_embedding": scale, "head_transform": transform} for scale, transform in product((True, False), repeat=2)
]
CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [*KEY_OPTIONS, OTHER_OPTIONS])]
FEW_CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]
SOURCE_WORDS = ("我", "有", "一", "只", "</s>")
TARGET_WORDS = ("<s>", "I", "have", "a", "cat", ".", "I")
WRITTEN_WORDS = ("I", "have", "a", "cat", ".", "I", "</s>")


def config_name(config):
    fields = ("architecture", "norm_position", "scale_embedding", "head_transform", "positions")
    return "-".join(str(getattr(config, name)) for name in fields)


def on_all(configs):
    return pytest.mark.parametrize("config", configs, ids=config_name)


def labelled_trace(model):
    return trace_of(
        model,
        source_tokens=SOURCE_WORDS if model.config.has_encoder else (),
        target_tokens=TARGET_WORDS if model.config.has_decoder else (),
        written_tokens=WRITTEN_WORDS if model.config.has_decoder else (),
        written_ids=[*TARGET_IDS[1:], 2] if model.config.has_decoder else (),
    )


class TestKeys:
    @on_all(CONFIGS)
    def test_the_keys_are_the_sites_in_order(self, config):
        trace = trace_of(make_model(config))
        assert list(trace) == list(trace.keys()) == [site.key for site in all_sites(config)]
        assert len(trace) == len(all_sites(config))

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
        assert heard == [site.key for site in all_sites(config) if not site.derived]

    @on_all(FEW_CONFIGS)
    def test_every_shape_is_what_its_letters_say(self, config):
        """No value has a batch axis, and every axis has the length that its letter stands for."""
        trace, lengths = trace_of(make_model(config)), {"source": S, "target": T}
        for site in all_sites(config):
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
        stored = [trace[site.key] for site in all_sites(trace.config) if not site.derived]
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
        np.testing.assert_allclose(trace["head.probs"], expected, rtol=0, atol=1e-15)

    def test_huge_logits_have_probabilities_too(self):
        """The largest logit is subtracted first (a softmax without that overflows)."""
        trace = trace_of(make_model(), edit=lambda key, x: x * 1e4 if key == "head.logits" else x)
        assert np.isfinite(trace["head.probs"]).all()
        np.testing.assert_allclose(trace["head.probs"].sum(axis=-1), 1, rtol=0, atol=1e-12)


class TestLabels:
    def test_each_axis_of_positions_is_labelled_with_its_words(self):
        trace = labelled_trace(make_model())
        for site in all_sites(trace.config):
            for length, labels in zip(trace[site.key].shape, trace.tokens_of(site.key), strict=True):
                assert labels is None or len(labels) == length, site.key
        assert trace.tokens_of("decoder.0.cross_attn.weights") == (None, TARGET_WORDS, SOURCE_WORDS)
        assert trace.tokens_of("decoder.0.self_attn.weights") == (None, TARGET_WORDS, TARGET_WORDS)
        assert trace.tokens_of("encoder.0.self_attn.k") == (None, SOURCE_WORDS, None)
        assert trace.site("encoder.0.self_attn.k") is sites_by_key(trace.config)["encoder.0.self_attn.k"]

    def test_read_and_written_words_are_kept_apart(self):
        trace = labelled_trace(make_model())
        assert trace.source_tokens == SOURCE_WORDS
        assert trace.target_tokens == TARGET_WORDS
        assert trace.written_tokens == WRITTEN_WORDS
        assert trace.written_ids == (*TARGET_IDS[1:], 2)

    def test_without_words_the_ids_are_the_labels(self):
        trace = trace_of(make_model())
        assert trace.source_tokens == ("3", "16", "7", "16", "2")
        assert trace.target_tokens == tuple(str(i) for i in TARGET_IDS)
        assert trace.written_tokens == ()

    @pytest.mark.parametrize(
        ("labels", "message"),
        [
            ({"source_tokens": SOURCE_WORDS[1:]}, "4 labels for 5 ids"),
            ({"target_tokens": (*TARGET_WORDS, "</s>")}, "8 labels for 7 ids"),
            ({"written_tokens": WRITTEN_WORDS[1:]}, "6 labels for 7 ids"),
            ({"written_ids": (2,)}, "1 labels for 7 ids"),
        ],
        ids=str,
    )
    def test_as_many_labels_as_ids_or_none(self, labels, message):
        """A list of words that is one short would stand beside the wrong rows."""
        with pytest.raises(ShapeError, match=message):
            trace_of(make_model(), **labels)

    def test_labels_for_a_side_that_is_not_there_are_refused(self):
        with pytest.raises(ShapeError, match="7 labels for 0 ids"):
            trace_of(make_model(architecture="encoder-only"), target_tokens=TARGET_WORDS)


class TestRefusals:
    @pytest.mark.parametrize(
        ("architecture", "source", "target", "message"),
        [
            ("encoder-decoder", SOURCE_IDS, None, "no target was given, and this encoder-decoder model needs one"),
            ("encoder-decoder", None, TARGET_IDS, "no source was given, and this encoder-decoder model needs one"),
            ("encoder-only", SOURCE_IDS, TARGET_IDS, "a target was given, and this encoder-only model has none"),
            ("decoder-only", SOURCE_IDS, TARGET_IDS, "a source was given, and this decoder-only model has none"),
            ("decoder-only", None, None, "no target was given"),
        ],
    )
    def test_the_sides_must_be_those_of_the_model(self, architecture, source, target, message):
        with pytest.raises(TargetError, match=message):
            run_with_trace(make_model(architecture=architecture), source, target)

    @pytest.mark.parametrize("n_ids", [0, 20])
    @pytest.mark.parametrize("side", ["source", "target"])
    def test_no_ids_or_too_many_are_refused_with_the_limit(self, side, n_ids):
        ids = {"source": SOURCE_IDS, "target": TARGET_IDS} | {side: [3] * n_ids}
        message = f"{side} must be integer ids of shape [B, 1..19], not torch.int64 of shape (1, {n_ids})"
        with pytest.raises(ShapeError, match=re.escape(message)):
            run_with_trace(make_model(), ids["source"], ids["target"])

    def test_the_limit_itself_is_allowed(self):
        trace = run_with_trace(make_model(), [3] * 19, [1] * 19)
        assert trace["decoder.1.cross_attn.weights"].shape == (3, 19, 19)

    @pytest.mark.parametrize("ids", [torch.tensor([3, 4]), torch.tensor([[0.5, 1.0]]), torch.tensor([[[3]]])])
    def test_ids_must_be_an_integer_matrix(self, ids):
        with pytest.raises(ShapeError, match="source must be integer ids of shape"):
            make_model()(ids, torch.tensor([TARGET_IDS]))
