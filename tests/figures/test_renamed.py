"""Figures take no key apart: of a model whose blocks and stacks are called otherwise they tell the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from figures.base.explain import explain
from figures.decode.beam import looked_at
from figures.decode.choices import choices, most_open
from figures.decode.unfold import unfold
from figures.explore.architecture import architecture
from figures.explore.positions import position_curves
from figures.explore.readout import lens_grid, places, temperature, top_words
from figures.explore.stream_sizes import additions, size_facts
from figures.explore.wiring import wires
from figures.learn.what_if import effect, road_keys, spread
from tests.core.renamed import STACKS, Renamed
from tests.core.tiny import NORMS, make_model, trace_of
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import embedding_of
from transformer_core.glass.words import Word

WRITTEN_IDS = [5, 12, 3, 7, 5, 4, 2]
SIDES = tuple(STACKS.items())[:2]
Runs = tuple[Trace, Trace, Callable[[str], str]]


@pytest.fixture(scope="module", params=NORMS)
def runs(request: pytest.FixtureRequest) -> Runs:
    """A run, the same one of the renamed model, and the way from the names of the one to those of the other."""
    model = make_model(norm_position=request.param)
    other = Renamed(model)
    one, two = (trace_of(each, written_ids=WRITTEN_IDS) for each in (model, other))
    return one, two, other.rename


def word(i: int) -> Word:
    return Word(f"word {i}", special=i == 2)


def renamed(told: Any, one: Trace, rename: Callable[[str], str]) -> Any:
    """The same data with the new name wherever a value or a stack of the first run is named."""
    if isinstance(told, dict):
        return {renamed(key, one, rename): renamed(value, one, rename) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [renamed(each, one, rename) for each in told]
    if isinstance(told, str) and (told in one or told in one.parameters):
        return rename(told)
    return STACKS.get(told, told) if isinstance(told, str) else told


def test_the_map_is_the_same(runs: Runs) -> None:
    one, two, rename = runs
    found = architecture(two)
    assert found == renamed(architecture(one), one, rename)
    assert architecture(two, two) == renamed(architecture(one, one), one, rename)
    keys = [part["strip"]["key"] for part in found["lanes"]["right"]["layers"][1] if "strip" in part]
    assert keys
    assert all(key.startswith("a.x") for key in keys)


@pytest.mark.parametrize("head", [None, 2])
def test_the_player_and_the_readout_say_the_same(runs: Runs, head: int | None) -> None:
    one, two, _ = runs
    assert unfold(two, 1, head, word) == unfold(one, 1, head, word)
    for make in (top_words, lens_grid):
        assert make(two, word) == make(one, word)
        assert make(two, word, two) == make(one, word, one)
    assert places(two) == places(one)
    assert temperature(two, 3, word) == temperature(one, 3, word)
    assert (choices(two, 3, word), most_open(two)) == (choices(one, 3, word), most_open(one))
    assert looked_at(two) == looked_at(one)


@pytest.mark.parametrize(("stack", "other"), SIDES)
def test_a_stack_adds_and_differs_by_the_same(runs: Runs, stack: str, other: str) -> None:
    one, two, rename = runs
    sums = additions(one, stack), additions(two, other)
    assert len(sums[0]) == len(sums[1]) > 0
    for mine, its in zip(*sums, strict=True):
        assert (its.layer, its.name, its.ratio) == (mine.layer, mine.name, mine.ratio)
        np.testing.assert_array_equal(its.added, mine.added)
        np.testing.assert_array_equal(its.before, mine.before)
    names = [f"{each.layer} {each.name}" for each in sums[0]]
    assert size_facts(two, other, sums[1], names) == size_facts(one, stack, sums[0], names)
    keys = road_keys(one, stack), road_keys(two, other)
    assert keys[1] == tuple(map(rename, keys[0]))
    np.testing.assert_array_equal(spread(two, two, keys[1]), spread(one, one, keys[0]))
    np.testing.assert_array_equal(effect(two, two).before, effect(one, one).before)


@pytest.mark.parametrize(("stack", "other"), SIDES)
def test_positions_add_the_same(runs: Runs, stack: str, other: str) -> None:
    one, two, _ = runs
    mine, its = (
        position_curves(trace, embedding_of(trace.plan, name), 3) for trace, name in ((one, stack), (two, other))
    )
    assert its == mine


@pytest.mark.parametrize("block", ["self_attn", "cross_attn"])
def test_the_wires_lead_the_same_way(runs: Runs, block: str) -> None:
    one, two, rename = runs
    mine, its = wires(one.plan, "decoder", block), wires(two.plan, "right", block)
    assert [(wire.layer, wire.name, wire.key, wire.origin) for wire in its] == [
        (wire.layer, wire.name, rename(wire.key), rename(wire.origin)) for wire in mine
    ]


def test_every_cell_is_explained_by_the_same_numbers(runs: Runs) -> None:
    one, two, rename = runs
    for key in one:
        index = tuple(n // 2 for n in one[key].shape)
        mine, its = (
            explain(find_formula(trace.plan, name).terms(trace, index), "x", lambda letter, i: f"{letter}{i}")
            for trace, name in ((one, key), (two, rename(key)))
        )
        assert its == {**mine, **{"rows": _rows(mine["rows"], one, rename)}}, key


def _rows(rows: list[dict[str, Any]], one: Trace, rename: Callable[[str], str]) -> list[dict[str, Any]]:
    def number(told: dict[str, Any]) -> dict[str, Any]:
        return {**told, "key": renamed(told["key"], one, rename)} if "key" in told else told

    return [{**row, "numbers": [number(told) for told in row["numbers"]]} for row in rows]
