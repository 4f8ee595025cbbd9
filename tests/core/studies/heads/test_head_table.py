"""The table of all heads: one sentence, a set of them, what is found in it, and when a head gets a plain word."""

from __future__ import annotations

import math

import numpy as np
import pytest

import transformer_core
from tests.core.heads import CROSS, ENCODER, induction_model, trace_of_weights
from tests.core.studies.heads.test_analysis import TEXT, band
from tests.core.tiny import make_model, trace_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ShapeError
from transformer_core.studies.errors import AlignmentError, HeadQueryError, UnknownMeasureError
from transformer_core.studies.heads.head_measures import MEASURES, measure
from transformer_core.studies.heads.head_table import (
    HEAD_LABELS,
    Head,
    HeadQuery,
    find_heads,
    head_labels,
    measures_of,
    over,
)

PREVIOUS, INDUCTION = Head("decoder.0.self_attn", 0), Head("decoder.1.self_attn", 0)


def test_the_table_has_every_head_once_in_the_order_of_computation() -> None:
    trace = trace_of(make_model())
    table = measures_of(trace)
    layers = [f"encoder.{i}.self_attn" for i in range(2)]
    layers += [f"decoder.{i}.{block}" for i in range(2) for block in ("self_attn", "cross_attn")]
    assert table.heads == tuple(Head(block, h) for block in layers for h in range(3))
    assert set(table.values) == set(MEASURES)
    for head in table.heads:
        found = measure(trace, head.block)
        for name in MEASURES:
            wanted = found[name][head.index] if name in found else math.nan
            assert table.value(head, name) == pytest.approx(wanted, nan_ok=True)


def test_over_a_set_it_has_mean_spread_and_how_many_could_tell() -> None:
    model = make_model()
    traces = [trace_of(model, target=[1, 5, 12, 3][:n]) for n in (1, 2, 4)]  # one word alone tells nothing
    pairs = [None, [(0, 0)], [(1, 1), (2, 0)]]
    table, alone = over(traces, pairs), [measures_of(t, p) for t, p in zip(traces, pairs, strict=True)]
    for name in MEASURES:
        columns = np.stack([one.values[name] for one in alone])
        counts = (~np.isnan(columns)).sum(axis=0)
        assert np.array_equal(table.counts[name], counts)
        for i, column in enumerate(columns.T):
            there = column[~np.isnan(column)]
            mean = there.mean() if len(there) else math.nan
            spread = there.std(ddof=1) if len(there) > 1 else math.nan
            assert table.values[name][i] == pytest.approx(mean, nan_ok=True)
            assert table.spreads[name][i] == pytest.approx(spread, nan_ok=True)
    of_cross, of_decoder = (table.heads.index(Head(f"decoder.0.{b}", 0)) for b in ("cross_attn", "self_attn"))
    assert table.counts["aligned"][of_cross] == 2
    assert table.counts["previous"][of_decoder] == 2
    assert table.counts["entropy"][0] == 3


def test_the_heads_of_the_induction_model_are_found_and_named() -> None:
    table = measures_of(run_with_trace(induction_model(), target=TEXT))
    assert find_heads(table, HeadQuery("previous", at_least=0.9)) == (PREVIOUS,)
    assert find_heads(table, HeadQuery("induction", at_least=0.9)) == (INDUCTION,)
    first, second = ({label.name: label for label in labels} for labels in head_labels(table))
    assert {"previous", "focused"} == set(first)
    assert first["previous"].value == pytest.approx(1)
    assert first["previous"].n == 1
    assert first["previous"].query == HeadQuery("previous", at_least=0.5)
    assert "induction" in second
    assert "previous" not in second


def test_what_is_found_stands_in_the_order_of_the_question() -> None:
    weights = np.stack([share * band(-1)[0] + (1 - share) * band(0)[0] for share in (0.2, 0.9, 0.5)])
    table = measures_of(trace_of_weights(weights), None)
    assert [h.index for h in find_heads(table, HeadQuery("previous", at_least=0.5))] == [1, 2]
    assert [h.index for h in find_heads(table, HeadQuery("previous", at_most=0.5))] == [0, 2]
    assert [h.index for h in find_heads(table, HeadQuery("previous", 0.4, 0.6))] == [2]
    assert find_heads(table, HeadQuery("induction")) == ()  # an encoder has none: NaN lies between no two bars


def test_a_head_that_clears_no_bar_has_no_label() -> None:
    mixed = 0.4 * band(-1) + 0.3 * band(0) + 0.3 * band(1)
    uniform = np.full((1, 6, 6), 1 / 6)
    labels = head_labels(measures_of(trace_of_weights(np.concatenate([mixed, uniform]), ENCODER)))
    assert [[label.name for label in some] for some in labels] == [[], ["diffuse"]]


def test_every_label_can_be_earned() -> None:
    n, looks = 6, {"previous": -1, "same": 0, "next": 1}
    first, last = np.zeros((2, 1, n, n))
    first[..., 0], last[..., -1] = 1, 1
    heads = {name: trace_of_weights(band(offset)) for name, offset in looks.items()}
    heads |= {"first": trace_of_weights(first), "separator": trace_of_weights(last), "focused": heads["same"]}
    heads |= {"diffuse": trace_of_weights(np.full((1, n, n), 1 / n)), "diagonal": trace_of_weights(band(0), CROSS)}
    heads |= {"induction": run_with_trace(induction_model(), target=TEXT), "aligned": heads["diagonal"]}
    heads |= {"twins": trace_of_weights(np.eye(n)[[3, 4, 5, 0, 1, 2]][None], ids=[3, 4, 5, 3, 4, 5])}
    assert set(heads) == set(HEAD_LABELS)
    for name, trace in heads.items():
        pairs = [(k, k) for k in range(n)] if name == "aligned" else None
        assert name in {label.name for some in head_labels(measures_of(trace, pairs)) for label in some}


@pytest.mark.parametrize("bars", [{"at_least": 0.7, "at_most": 0.3}, {"at_least": math.nan}, {"at_most": math.nan}])
def test_bars_between_which_nothing_lies_are_refused(bars: dict[str, float]) -> None:
    with pytest.raises(HeadQueryError, match=r"first cannot be at least .* and at most"):
        HeadQuery("first", **bars)


def test_questions_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UnknownMeasureError, match="'entropie' is not a measure"):
        HeadQuery("entropie")
    one, other = trace_of(make_model()), trace_of(make_model(architecture="decoder-only"))
    with pytest.raises(ShapeError, match="not over 0 of 0"):
        over([])
    with pytest.raises(ShapeError, match="2 of 2 shapes"):
        over([one, other])
    with pytest.raises(ShapeError, match="1 alignments for 2 traces"):
        over([one, one], [None])
    with pytest.raises(AlignmentError, match="source word 9"):
        over([one], [[(9, 0)]])


def test_every_public_name_is_where_the_package_says() -> None:
    for name in transformer_core.__all__:
        assert getattr(transformer_core, name) is not None, name
    assert set(transformer_core.__all__) <= set(dir(transformer_core))
