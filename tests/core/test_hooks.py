"""Listening: to this context only, undone whatever happens; an edit changes what follows and is named."""

import re
import threading
from itertools import product

import numpy as np
import pytest
import torch

from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SOURCE_IDS,
    TARGET_IDS,
    make_config,
    make_model,
    shape_name,
    trace_of,
)
from transformer_core.errors import BlockedRowError, ShapeError
from transformer_core.hooks import HookPoint, is_listening, listening
from transformer_core.sites import all_sites

SENTENCES = [(SOURCE_IDS, TARGET_IDS), ([9, 4, 2], [1, 11, 8, 6]), ([5, 5, 13, 8, 1, 10, 2], [1, 3])]


def in_threads(tasks):
    """Run the functions at once and return what each returned, or raise what one of them raised."""
    results, errors = [None] * len(tasks), []

    def run(i):
        try:
            results[i] = tasks[i]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    if errors:
        raise errors[0]
    return results


class TestThreads:
    @pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
    def test_threads_that_trace_one_model_at_once_never_mix(self, shape):
        """At every value all threads wait for each other, so that their passes really overlap."""
        model = make_model(**shape)
        barrier, passed = threading.Barrier(len(SENTENCES), timeout=30), []

        def wait(key, x):
            barrier.wait()
            passed.append((key, threading.get_ident()))
            return x

        expected = [trace_of(model, *sentence) for sentence in SENTENCES]
        traces = in_threads([lambda s=sentence: trace_of(model, *s, edit=wait) for sentence in SENTENCES])
        n_values = sum(not site.derived for site in all_sites(model.config))
        rounds = [passed[i : i + len(SENTENCES)] for i in range(0, len(passed), len(SENTENCES))]
        assert len(rounds) == n_values
        assert all(len({ident for _, ident in one}) == len(SENTENCES) for one in rounds), "the threads did not overlap"
        for trace, right in zip(traces, expected, strict=True):
            for key in right:
                np.testing.assert_array_equal(trace[key], right[key], err_msg=key)

    def test_an_edit_in_one_thread_is_not_felt_in_another(self):
        model = make_model()
        barrier = threading.Barrier(2, timeout=30)

        def switch_off(key, x):
            barrier.wait()
            return torch.zeros_like(x) if key == "encoder.0.self_attn.z" else x

        def observe(key, x):
            barrier.wait()
            return x

        edited, plain = in_threads([lambda: trace_of(model, edit=switch_off), lambda: trace_of(model, edit=observe)])
        assert not edited["encoder.0.self_attn.z"].any()
        np.testing.assert_array_equal(plain["head.logits"], trace_of(model)["head.logits"])
        assert plain.edited == ()

    def test_a_listener_does_not_hear_another_threads_pass(self):
        model, heard = make_model(), []

        def listen(key, x):
            heard.append(key)
            return x

        def plain_pass():
            assert not is_listening()
            return model(torch.tensor([SOURCE_IDS]), torch.tensor([TARGET_IDS]))

        with listening(listen):
            in_threads([plain_pass])
            assert heard == []
            model(torch.tensor([SOURCE_IDS]), torch.tensor([TARGET_IDS]))
        assert heard[0] == "src_embed.tokens"


class TestListening:
    def test_a_hook_point_is_the_identity(self):
        x = torch.randn(2, 3)
        assert HookPoint()(x) is x
        with listening(lambda key, value: value):
            assert HookPoint()(x) is x

    def test_what_the_listener_returns_flows_on(self):
        x, other = torch.randn(2, 3), torch.randn(2, 3)
        with listening(lambda key, value: other):
            assert HookPoint()(x) is other
        assert HookPoint()(x) is x

    def test_it_ends_with_the_block(self):
        assert not is_listening()
        with listening(lambda key, x: x):
            assert is_listening()
        assert not is_listening()

    def test_it_ends_with_an_exception_too(self):
        model = make_model()
        expected = trace_of(model)["head.logits"]

        def fail(key, x):
            raise ZeroDivisionError(key)

        with pytest.raises(ZeroDivisionError, match=r"src_embed\.tokens"), listening(fail):
            trace_of(model, edit=fail)
        assert not is_listening()
        np.testing.assert_array_equal(trace_of(model)["head.logits"], expected)

    def test_an_inner_listener_hides_the_outer_one_until_it_ends(self):
        heard = []

        def listener(name):
            def listen(key, x):
                heard.append(name)
                return x

            return listen

        point, x = HookPoint(), torch.zeros(1)
        with listening(listener("outer")):
            with pytest.raises(KeyError), listening(listener("inner")):
                point(x)
                raise KeyError
            point(x)
        point(x)
        assert heard == ["inner", "outer"]

    def test_every_hook_point_bears_the_key_of_a_site(self):
        for shape in SHAPES:
            config = make_config(**shape, **OTHER_OPTIONS)
            points = {m.name: path for path, m in make_model(config).named_modules() if isinstance(m, HookPoint)}
            assert all(name == path for name, path in points.items())
            assert set(points) == {site.key for site in all_sites(config) if not site.derived}


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
        "config", EDIT_CONFIGS, ids=lambda config: f"{config.architecture}-{config.norm_position}-{config.positions}"
    )
    def test_an_edit_of_any_value_changes_what_follows_and_nothing_before(self, config):
        """For every site: the edited value is what was asked, earlier ones stay, the logits change, the trace names it."""
        model = make_model(config)
        plain = trace_of(model)
        keys = [site.key for site in all_sites(config) if not site.derived]
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
