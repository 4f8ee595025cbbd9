"""The laboratory's data: the words of two runs, the right word's probability, and three maps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from figures.base.heatmaps.matrix import Axes
from figures.base.theme import theme
from figures.learn.mask_lab import effect, said_rows, three_maps
from tests.core.tiny import TARGET_IDS, make_model, trace_of
from transformer_core.glass.trace import Trace
from transformer_core.studies.mask_effects import with_masks

PATH, N = "decoder.1.self_attn", len(TARGET_IDS)
WRITTEN = [5, 12, 3, 7, 5, 4, 2]
AXES = Axes([str(i) for i in range(N)], [str(i) for i in range(N)], "Q", "K", "value", "blocked")


@pytest.fixture(scope="module")
def runs() -> tuple[Trace, Trace]:
    model, mask = make_model(), np.ones((N, N), dtype=bool)
    mask[2, 0] = False
    edit = with_masks({PATH: mask, "decoder.0.self_attn": mask})
    return trace_of(model, written_ids=WRITTEN), trace_of(model, written_ids=WRITTEN, edit=edit)


def test_the_effect_is_on_the_right_words(runs: tuple[Trace, Trace]) -> None:
    plain, masked = runs
    found = effect(plain, masked)
    for t, right in enumerate(WRITTEN):
        assert math.isclose(found.before[t], plain["head.probs"][t, right])
        assert math.isclose(found.after[t], masked["head.probs"][t, right])
        assert found.changed[t] == (plain["head.probs"][t].argmax() != masked["head.probs"][t].argmax())
    assert math.isclose(found.losses[1], -sum(math.log(p) for p in found.after) / N)
    same = effect(plain, plain)
    assert not same.changed.any()
    assert same.losses[0] == same.losses[1]


def test_a_row_tells_the_best_words_of_both_runs(runs: tuple[Trace, Trace]) -> None:
    plain, masked = runs
    found = effect(plain, masked)
    rows = said_rows(plain, masked, found, lambda i: {"text": f"w{i}", "special": False})
    assert len(rows) == N
    for t, row in enumerate(rows):
        for cell, trace in zip(row["cells"], runs, strict=True):
            probs = trace["head.probs"][t]
            assert cell["text"] == f"w{probs.argmax()}"
            assert math.isclose(cell["p"], probs.max(), abs_tol=1e-4)
        assert [cell["mark"] for cell in row["cells"]] == [False, found.changed[t]]


@pytest.mark.parametrize("name", ["scores", "weights", "z"])
def test_the_third_map_is_the_second_less_the_first(runs: tuple[Trace, Trace], name: str) -> None:
    plain, masked = runs
    before, after, difference = three_maps(plain, masked, PATH, 1, name, AXES, theme("light"))
    values = [trace[f"{PATH}.{name}"][1] for trace in runs]
    blocked = [~trace[f"{PATH}.mask"] for trace in runs]
    assert (before.low, before.high) == (after.low, after.high)
    for matrix, value, hidden in zip((before, after), values, blocked, strict=True):
        np.testing.assert_array_equal(matrix.values, value)
        np.testing.assert_array_equal(matrix.allowed, np.ones_like(value, dtype=bool) if name == "z" else ~hidden)
    shown = ~(blocked[0] | blocked[1]) if name == "scores" else np.ones(values[0].shape, dtype=bool)
    np.testing.assert_array_equal(difference.allowed, shown)
    assert name != "scores" or np.isnan(difference.values[~shown]).all()  # a blocked score has no difference
    np.testing.assert_allclose(difference.values[shown], values[1][shown] - values[0][shown], rtol=0, atol=1e-12)
    assert difference.low == -difference.high
