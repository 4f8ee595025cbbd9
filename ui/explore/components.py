"""Our own components of the pages that look into the model; as those of `ui.parts.components`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from figures.base.theme import Mode, theme
from ui.parts import wires
from ui.parts.hearing import real, whole, word
from ui.parts.modules import Draw, Hear, register

COLDEST, HOTTEST = 0.1, 3.0  # temperatures
_CURVE: Draw[wires.CurveData] = register("curve/curve")
_HEADS: Draw[wires.HeadsData] = register("heads/heads")
_HEAD_NUMBERS: Draw[wires.HeadNumbersData] = register("heads/head_numbers", isolated=False)
_HEADS_COMPARE: Draw[wires.HeadsCompareData] = register("heads/heads_compare")
_MAP: Draw[wires.MapData] = register("map/map")
_TEMPERATURE: Draw[wires.TemperatureData] = register("temperature/temperature")
_WIRING: Draw[wires.WiringData] = register("wiring/wiring")


def architecture_map(
    key: str, model: Mapping[str, Any], words: Mapping[str, str], mode: Mode, on_open: Callable[[str], None]
) -> None:
    """Draw the map of the whole model.

    Args:
        key: of the component.
        model: from `figures.explore.architecture.architecture`.
        words: the texts of the section "map", in the form that fits the model.
        mode: light or dark.
        on_open: called with the key of the site that the reader clicked, before the rerun.
    """
    _MAP(key, cast(wires.MapData, {**model, "words": dict(words)}), mode, open=lambda site: on_open(word(site)))


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
    _CURVE(key, data, mode, choose=lambda sent: on_choose(whole(sent, "dimension")))


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

    def degree(sent: Any) -> None:
        on_degree(min(HOTTEST, max(COLDEST, real(sent, "degree"))))

    more = {"hottest": HOTTEST, "coldest": COLDEST}
    data = cast(wires.TemperatureData, {**_beside(scores, chart, words), **more})
    _TEMPERATURE(key, data, mode, position=lambda sent: on_position(whole(sent, "position")), degree=degree)


def _beside(data: Mapping[str, Any], chart: str, words: Mapping[str, str]) -> dict[str, Any]:
    return {**data, "chart": f"st-key-{chart}", "words": dict(words)}


def show_wiring(key: str, wiring: Mapping[str, Any], title: str, mode: Mode) -> None:
    """Draw which rows the queries, keys and values of every layer are made of.

    Args:
        key: of the component.
        wiring: from `figures.explore.wiring.wiring`.
        title: what a reader hears who does not see it.
        mode: light or dark.
    """
    _WIRING(key, cast(wires.WiringData, {**wiring, "title": title}), mode)
