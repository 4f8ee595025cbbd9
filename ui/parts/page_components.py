"""Our own components that only one page uses; registered as those of `ui.parts.components`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from figures.base.theme import Mode, theme
from ui.parts import wires
from ui.parts.components import to_cell
from ui.parts.modules import Draw, Hear, register

COLDEST, HOTTEST = 0.1, 3.0  # temperatures
_CURVE: Draw[wires.CurveData] = register("curve/curve")
_FORCING: Draw[wires.ForcingData] = register("forcing/forcing")
_GLOSSARY: Draw[wires.GlossaryData] = register("glossary/glossary")
_MASK_GRID: Draw[wires.MaskGridData] = register("mask_grid/mask_grid")
_HEADS: Draw[wires.HeadsData] = register("heads/heads")
_HEAD_NUMBERS: Draw[wires.HeadNumbersData] = register("heads/head_numbers", isolated=False)
_HEADS_COMPARE: Draw[wires.HeadsCompareData] = register("heads/heads_compare")
_TEMPERATURE: Draw[wires.TemperatureData] = register("temperature/temperature")
_WORD_GRID: Draw[wires.WordGridData] = register("word_grid/word_grid")


def curve(
    key: str,
    curves: Mapping[str, Any],
    chart: str,
    words: Mapping[str, str],
    mode: Mode,
    on_choose: Callable[[int], None],
) -> None:
    """Draw a pair of dimensions along the positions, any pair without a trip to the server.

    Args:
        key: of the component.
        curves: from `figures.explore.positions.position_curves`.
        chart: key of the heatmap whose columns it follows when they are clicked.
        words: the texts of the section "curve_words".
        mode: light or dark.
        on_choose: called with the dimension at which the reader let the slider go, before the rerun.
    """
    data = cast(wires.CurveData, _beside(curves, chart, words))
    _CURVE(key, data, mode, choose=lambda sent: on_choose(round(sent["dimension"])))


def forcing_runs(key: str, runs: Mapping[str, Any], step: int, words: Mapping[str, str], mode: Mode) -> None:
    """Draw teacher forcing beside the own words, with one slider for both; it writes its step into the address itself.

    Args:
        key: of the component.
        runs: from `figures.decode.forcing.two_runs`.
        step: where to begin.
        words: the texts of the section "forcing_words".
        mode: light or dark.
    """
    _FORCING(key, cast(wires.ForcingData, {**runs, "step": step, "words": dict(words)}), mode)


def glossary(
    key: str,
    groups: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    mode: Mode,
    on_go: Callable[[str], None],
) -> None:
    """Draw the terms of the field, and a field to find them.

    Args:
        key: of the component.
        groups: title, and terms: id, name, other (its name in the other language), text, and places (label, href,
            place).
        words: the texts of the section "terms".
        mode: light or dark.
        on_go: called before the rerun with the place that the reader chose, "attention:q".
    """

    data: wires.GlossaryData = {"groups": [dict(group) for group in groups], "words": dict(words)}
    _GLOSSARY(key, data, mode, go=lambda sent: on_go(str(sent)))


def mask_grid(
    key: str,
    grid: Mapping[str, Any],
    words: Mapping[str, str],
    mode: Mode,
    on_draw: Callable[[Sequence[str]], None],
) -> None:
    """Draw a mask whose cells the reader opens and blocks, by mouse, finger or keyboard.

    Args:
        key: of the component.
        grid: rows and columns (words with text and special); allowed and natural, a text of 0 and 1 per row: the mask,
            and that of the untouched run.
        words: the texts of the section "mask_grid".
        mode: light or dark.
        on_draw: called with such texts before the rerun, when the reader has changed a cell.
    """
    data = cast(wires.MaskGridData, {**grid, "words": dict(words)})
    _MASK_GRID(key, data, mode, draw=lambda sent: on_draw([str(row) for row in sent["rows"]]))


def all_heads(key: str, data: wires.HeadsData, mode: Mode, handlers: Mapping[str, Hear]) -> None:
    """Draw all heads of one kind of attention, and the chosen one large beside them.

    Args:
        key: of the component.
        data: from `ui.explore.heads`.
        mode: light or dark.
        handlers: called before the rerun with what the reader chose: "choose" (layer, head, look, over, sort, find),
            "open" (the same, and the row and column of a cell).
    """
    _HEADS(key, data, mode, **handlers)


def head_numbers(key: str, data: wires.HeadNumbersData, handlers: Mapping[str, Hear]) -> None:
    """Send the numbers of the open head to where all heads are drawn.

    Args:
        key: of the component.
        data: from `ui.explore.heads`.
        handlers: those of `all_heads`; a head that is chosen there asks from here, so that only this is sent again.
    """
    _HEAD_NUMBERS(key, data, None, **handlers)


def two_heads(key: str, data: Mapping[str, Any], words: Mapping[str, str], mode: Mode) -> None:
    """Draw two heads side by side with their difference.

    Args:
        key: of the component.
        data: from `figures.explore.head_compare.compared`, and the "titles" of both.
        words: the texts of the section "compare_words".
        mode: light or dark.
    """
    more = {"palette": list(theme(mode).weights), "words": dict(words)}
    _HEADS_COMPARE(key, cast(wires.HeadsCompareData, {**data, **more}), mode)


def temperature_dial(
    key: str,
    scores: Mapping[str, Any],
    chart: str,
    words: Mapping[str, str],
    mode: Mode,
    on_position: Callable[[int], None],
    on_degree: Callable[[float], None],
) -> None:
    """Draw the softmax of one position at any temperature, without a trip to the server.

    Args:
        key: of the component.
        scores: from `figures.explore.readout.temperature`, and side ("source" or "target") and degree, where the dial
            begins.
        chart: key of the heatmap whose rows it follows when they are clicked.
        words: the texts of the section "temperature_words".
        mode: light or dark.
        on_position: called with the position that the reader chose, before the rerun.
        on_degree: called with the temperature at which the reader let the dial go, before the rerun.
    """

    def degree(sent: dict[str, float]) -> None:
        on_degree(min(HOTTEST, max(COLDEST, float(sent["degree"]))))

    more = {"hottest": HOTTEST, "coldest": COLDEST}
    data = cast(wires.TemperatureData, {**_beside(scores, chart, words), **more})
    _TEMPERATURE(key, data, mode, position=lambda sent: on_position(round(sent["position"])), degree=degree)


def word_grid(
    key: str,
    columns: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]],
    side: str,
    words: Mapping[str, str],
    mode: Mode,
    on_cell: Callable[[int, int], None] | None = None,
    *,
    signed: bool = False,
) -> None:
    """Draw a table of words on the colours of their probabilities.

    Args:
        key: of the component.
        columns: title, and key where it is a value of the model.
        rows: from `figures.explore.readout`; a note is told at the end of its row.
        side: of the rows' words, "source" or "target".
        words: name, position, legend, and what the cells tell.
        mode: light or dark.
        on_cell: called with the row and column of a cell that the reader clicks, before the rerun; None if cells lead
            nowhere.
        signed: whether probabilities are differences of two runs: then zero is in the middle of the colours.
    """
    data: wires.WordGridData = {
        "columns": [dict(column) for column in columns],
        "rows": [dict(row) for row in rows],
        "side": side,
        "scale": [colour for _, colour in theme(mode).diverging()] if signed else list(theme(mode).weights),
        "signed": signed,
        "sends": on_cell is not None,
        "words": dict(words),
    }
    _WORD_GRID(key, data, mode, cell=to_cell(on_cell))


def _beside(data: Mapping[str, Any], chart: str, words: Mapping[str, str]) -> dict[str, Any]:
    return {**data, "chart": f"st-key-{chart}", "words": dict(words)}
