"""Listening: to this context only, undone whatever happens; an edit changes what follows and is named."""

import threading

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
from transformer_core.glass.hooks import HookPoint, hearing, is_listening, listening
from transformer_core.glass.sites import all_sites
from transformer_core.transformer.plans import transformer_plan

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
        n_values = sum(not site.derived for site in all_sites(model.plan))
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
            assert torch.equal(HookPoint()(x), other)
        with hearing(lambda key, value: other):
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
            with listening(listener("inner")):
                point(x)
            point(x)
        point(x)
        assert heard == ["inner", "outer"]

    @pytest.mark.slow
    def test_every_hook_point_bears_the_key_of_a_site(self):
        for shape in SHAPES:
            config = make_config(**shape, **OTHER_OPTIONS)
            points = {m.name: path for path, m in make_model(config).named_modules() if isinstance(m, HookPoint)}
            assert all(name == path for name, path in points.items())
            assert set(points) == {site.key for site in all_sites(transformer_plan(config)) if not site.derived}
