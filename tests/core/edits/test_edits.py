"""Edits: what a listener returns flows on, changes what follows and nothing before, and is named in the trace."""

import re
from itertools import product

import numpy as np
import pytest
import torch

from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_config, make_model, trace_of
from transformer_core.glass.errors import BlockedRowError, ShapeError
from transformer_core.glass.sites import all_sites
from transformer_core.transformer.plans import transformer_plan


def one_layer(architecture, **options):
    layers = {"n_encoder_layers": 1} if architecture != "decoder-only" else {}
    layers |= {"n_decoder_layers": 1} if architecture != "encoder-only" else {}
    return make_config(architecture, **layers, **options)


EDIT_CONFIGS = [one_layer(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]


def edit_of(site, x):
    """Another value of the same kind, so different that what follows must differ."""
    generator = torch.Generator().manual_seed(7)
    if site.kind == "ids":
        return (x + 1) % 13
    if site.kind == "mask":
        x = x.clone()
        x[:, -1, 0] = False  # the last query may no longer attend to the first key
        return x
    noise = torch.rand(x.shape, generator=generator, dtype=x.dtype)
    return x * (0.5 + noise) + noise  # keeps -inf, and keeps variances above 0


class TestEdits:
    @pytest.mark.parametrize(
        "config",
        EDIT_CONFIGS,
        ids=lambda config: f"{config.architecture}-{config.order}-{config.positions}",
    )
    def test_an_edit_of_any_value_changes_what_follows_and_nothing_before(self, config):
        """For every site: it is what was asked, earlier values stay, the probabilities change, the trace names it."""
        model = make_model(config)
        plain = trace_of(model)
        keys = [site.key for site in all_sites(transformer_plan(config)) if not site.derived]
        for number, key in enumerate(keys):
            site, asked = plain.site(key), {}

            def edit(name, x, key=key, site=site, asked=asked):
                if name != key:
                    return x
                asked[key] = edit_of(site, x)
                return asked[key]

            trace = trace_of(model, edit=edit)
            assert trace.edited == (key,)
            np.testing.assert_array_equal(trace[key], asked[key][0], err_msg=key)
            assert not np.array_equal(trace[key], plain[key]), key
            for earlier in keys[:number]:
                np.testing.assert_array_equal(trace[earlier], plain[earlier], err_msg=f"{earlier}, edited {key}")
            assert not np.allclose(trace["head.probs"], plain["head.probs"], rtol=0, atol=1e-9), key

    def test_several_edits_are_named_in_the_order_of_computation(self):
        edited = ("decoder.1.ffn.act", "encoder.0.self_attn.weights", "head.logits")
        trace = trace_of(make_model(), edit=lambda key, x: x + 1 if key in edited else x)
        assert trace.edited == ("encoder.0.self_attn.weights", "decoder.1.ffn.act", "head.logits")

    def test_returning_the_same_tensor_is_no_edit(self):
        assert trace_of(make_model(), edit=lambda key, x: x).edited == ()

    def test_an_edit_leaves_the_model_as_it_was(self):
        model = make_model()
        before = trace_of(model)
        trace_of(model, edit=lambda key, x: torch.zeros_like(x) if x.is_floating_point() else x)
        after = trace_of(model)
        for key in before:
            np.testing.assert_array_equal(after[key], before[key], err_msg=key)

    def test_a_head_is_switched_off_by_its_z(self):
        """Its output is 0, the others' outputs and the bias stay."""
        model, block = make_model(), "decoder.0.cross_attn"
        plain = trace_of(model)

        def switch_off(key, x):
            if key != f"{block}.z":
                return x
            return x * torch.tensor([1.0, 0.0, 1.0], dtype=x.dtype)[:, None, None]

        trace = trace_of(model, edit=switch_off)
        assert not trace[f"{block}.head_out"][1].any()
        np.testing.assert_array_equal(trace[f"{block}.head_out"][[0, 2]], plain[f"{block}.head_out"][[0, 2]])
        without = plain[f"{block}.out"] - plain[f"{block}.head_out"][1]
        np.testing.assert_allclose(trace[f"{block}.out"], without, rtol=0, atol=1e-12)


class TestMaskEdits:
    @staticmethod
    def traced(model, block, change):
        def edit(key, x):
            if key != f"{block}.mask":
                return x
            x = x.clone()
            return change(x)

        return trace_of(model, edit=edit)

    @pytest.mark.parametrize("block", ["encoder.0.self_attn", "decoder.1.self_attn", "decoder.1.cross_attn"])
    def test_a_blocked_cell_gets_minus_infinity_and_no_weight_in_any_head(self, block):
        def block_cell(allowed):
            allowed[:, 4, 1] = False
            return allowed

        trace = self.traced(make_model(), block, block_cell)
        assert not trace[f"{block}.mask"][4, 1]
        assert (trace[f"{block}.scores"][:, 4, 1] == -np.inf).all()
        assert (trace[f"{block}.weights"][:, 4, 1] == 0).all()
        np.testing.assert_allclose(trace[f"{block}.weights"].sum(axis=-1), 1, rtol=0, atol=1e-12)

    def test_an_opened_cell_lets_a_position_look_ahead(self):
        def open_cell(allowed):
            allowed[:, 0, 3] = True
            return allowed

        trace = self.traced(make_model(), "decoder.0.self_attn", open_cell)
        assert (trace["decoder.0.self_attn.weights"][:, 0, 3] > 0).all()

    def test_opening_every_cell_removes_the_mask(self):
        trace = self.traced(make_model(), "decoder.0.self_attn", torch.ones_like)
        np.testing.assert_array_equal(trace["decoder.0.self_attn.scores"], trace["decoder.0.self_attn.scores_scaled"])

    def test_a_fully_blocked_row_is_refused_by_its_number(self):
        def block_row(allowed):
            allowed[:, 4] = False
            return allowed

        message = "row 4 of the mask (batch entry 0) blocks all 5 keys"
        with pytest.raises(BlockedRowError, match=re.escape(message)) as caught:
            self.traced(make_model(), "decoder.1.cross_attn", block_row)
        assert caught.value.fields == {"row": 4, "batch": 0, "n_keys": 5}

    def test_a_mask_of_numbers_is_refused(self):
        with pytest.raises(ShapeError, match=r"a mask must be bool .*, not torch\.float32"):
            self.traced(make_model(), "decoder.1.cross_attn", lambda allowed: allowed.float())

    def test_an_edit_of_another_shape_is_refused(self):
        """One row of a mask would be spread over all queries without a word."""
        message = "the edit of decoder.1.cross_attn.mask has shape (1, 1, 5), and the value it replaces has (1, 7, 5)"
        with pytest.raises(ShapeError, match=re.escape(message)):
            self.traced(make_model(), "decoder.1.cross_attn", lambda allowed: allowed[:, :1])
