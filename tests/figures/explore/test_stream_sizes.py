"""What each sub-layer adds: every residual sum of a stack, in the model's own order, with its true lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.base.theme import theme
from figures.explore.stream_sizes import added_matrix, additions, lengths, means_figure, size_facts
from tests.core.tiny import NORMS, SHAPES, make_config, make_model, shape_name, trace_of

COLOURS = theme("light")


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_every_sub_layer_of_every_layer_adds_once(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    trace = trace_of(make_model(config))
    for stack, there in (("encoder", config.has_encoder), ("decoder", config.has_decoder)):
        crosses = stack == "decoder" and config.has_cross_attention
        names = ["self_attn", *(["cross_attn"] if crosses else []), "ffn"]
        found = [(each.layer, each.name) for each in additions(trace, stack)]
        assert found == ([(i, name) for i in range(2) for name in names] if there else [])


@pytest.mark.parametrize("norm", NORMS)
def test_the_stream_and_what_is_added_make_the_sum(norm: str) -> None:
    trace = trace_of(make_model(norm_position=norm))
    first, second, third, *_ = additions(trace, "decoder")
    path = "decoder.0"
    assert_array_equal(first.before, lengths(trace[f"{path}.input"]))
    assert_array_equal(second.before, lengths(trace[f"{path}.add1" if norm == "pre" else f"{path}.ln1.out"]))
    assert_array_equal(third.before, lengths(trace[f"{path}.add2" if norm == "pre" else f"{path}.ln2.out"]))
    for each, name in ((first, "self_attn"), (second, "cross_attn"), (third, "ffn")):
        assert_array_equal(each.added, lengths(trace[f"{path}.{name}.out"]))
        assert each.ratio == pytest.approx(each.added.mean() / each.before.mean())


def test_the_facts_name_the_ends_and_the_extremes() -> None:
    trace = trace_of(make_model())
    sums = additions(trace, "encoder")
    facts = size_facts(trace, "encoder", sums, ["a", "b", "c", "d"])
    ratios = [each.ratio for each in sums]
    assert facts["first"] == f"{lengths(trace['encoder.0.input']).mean():.1f}"
    assert facts["last"] == f"{lengths(trace['encoder.1.out']).mean():.1f}"
    assert (facts["most"], facts["most_ratio"]) == ("abcd"[int(np.argmax(ratios))], f"{max(ratios):.2f}")
    assert (facts["least"], facts["least_ratio"]) == ("abcd"[int(np.argmin(ratios))], f"{min(ratios):.2f}")


def test_bars_are_the_means_and_say_their_ratio() -> None:
    sums = additions(trace_of(make_model()), "encoder")
    labels = [f"{each.layer} {each.name}" for each in sums]
    figure = means_figure(sums, labels, ("stream", "added"), COLOURS)
    stream, added = figure.data
    assert_allclose(stream.x, [each.before.mean() for each in sums])
    assert_allclose(added.x, [each.added.mean() for each in sums])
    assert added.text == tuple(f"× {each.ratio:.2f}" for each in sums)
    assert (stream.name, added.name) == ("stream", "added")
    assert figure.layout.yaxis.ticktext == tuple(labels)
    assert figure.layout.showlegend is True
    assert figure.layout.xaxis.range[0] == 0


def test_another_run_lies_on_the_bars_as_outlines() -> None:
    now, then = (additions(trace_of(make_model(norm_position=norm)), "encoder") for norm in NORMS)
    labels = [f"{each.layer} {each.name}" for each in now]
    figure = means_figure(now, labels, ("stream", "added", "stream then", "added then"), COLOURS, then)
    _, added, stream_then, added_then = figure.data
    assert_allclose(stream_then.x, [each.before.mean() for each in then])
    assert_allclose(added_then.x, [each.added.mean() for each in then])
    assert [bar.offsetgroup for bar in figure.data] == ["0", "1", "0", "1"]
    for i, texts in enumerate(zip(added.text, added_then.text, strict=True)):
        longer = int(then[i].added.mean() > now[i].added.mean())
        assert texts[longer] == f"× {then[i].ratio:.2f} → × {now[i].ratio:.2f}"
        assert texts[1 - longer] == ""


def test_the_matrix_has_a_row_per_sub_layer_and_a_column_per_word() -> None:
    trace = trace_of(make_model())
    assert added_matrix(additions(trace, "decoder")).shape == (6, len(trace.target_tokens))
    assert_array_equal(added_matrix(additions(trace, "decoder"))[5], lengths(trace["decoder.1.ffn.out"]))
