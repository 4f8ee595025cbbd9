"""Our own components for values and words, which stand in assets/components: what each takes and what it tells.

Each is registered once, when its module is imported. Those around every page stand in ui/frame/components.py, those of
one section beside its pages. Texts of the reader reach the page as text nodes, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from figures.base.theme import Mode, theme
from ui.parts import wires
from ui.parts.hearing import whole, word
from ui.parts.modules import Draw, Hear, register

_EXPLAIN: Draw[wires.ExplainData] = register("explain/explain")
_HEADING: Draw[wires.HeadingData] = register("heading/heading")
_HEATMAP: Draw[wires.HeatmapData] = register("heatmap/heatmap")
_HEATMAPS: Draw[wires.HeatmapsData] = register("heatmap/heatmaps")
_STEPPER: Draw[wires.StepperData] = register("stepper/stepper")
_WORDS: Draw[wires.WordsData] = register("words/words")
_WORD_GRID: Draw[wires.WordGridData] = register("word_grid/word_grid")


def stepper(
    key: str,
    stages: Sequence[tuple[str, str]],
    chosen: str,
    words: Mapping[str, str],
    mode: Mode,
    on_choose: Callable[[str], None],
) -> None:
    """Draw the stages as a road with Back and Next.

    Args:
        key: of the component.
        stages: (id, label) in order.
        chosen: id of the present one.
        words: labels "back", "next", "keys".
        mode: light or dark.
        on_choose: called with the id that the reader chose, before the rerun.
    """

    def choose(told: Any) -> None:
        if (stage := word(told)) in dict(stages):
            on_choose(stage)

    data: wires.StepperData = {"stages": [list(stage) for stage in stages], "chosen": chosen, "words": dict(words)}
    _STEPPER(key, data, mode, choose=choose)


def explain_panel(key: str, data: wires.ExplainData, mode: Mode, handlers: Mapping[str, Hear]) -> None:
    """Draw the panel that explains a cell; it listens to clicks on the heatmaps that it names.

    Args:
        key: of the component.
        data: from `ui.parts.explain.panel_data`.
        mode: light or dark.
        handlers: called with the event before the rerun: "cell" (map, row, column), "typed" (row, column), "open" (key,
            index), "back" (number).
    """
    _EXPLAIN(key, data, mode, **handlers)


def heat_map(
    key: str,
    cells: Mapping[str, Any],
    name: str,
    alt: str,
    words: Mapping[str, str],
    mode: Mode,
    on_cell: Callable[[int, int], None] | None = None,
    on_look: Callable[[str], None] | None = None,
) -> None:
    """Draw a heatmap.

    Args:
        key: of the component; other components of the page follow its clicks by it.
        cells: from `figures.base.heatmaps.heatmap.heatmap`.
        name: of the value; the zoom stays while it does.
        alt: what a reader hears who does not see it.
        words: the texts of the section "heatmap_words".
        mode: light or dark.
        on_cell: called with the row and column that the reader chose, before the rerun; without it a click stays in the
            browser, where the panel that explains cells hears it.
        on_look: called with the name of the look that the reader chose, "grid" or "lines", before the rerun.
    """

    more = {"name": name, "alt": alt, "sends": on_cell is not None, "words": dict(words)}
    _HEATMAP(key, cast(wires.HeatmapData, {**cells, **more}), mode, cell=to_cell(on_cell), look=to_name(on_look))


def heat_maps(
    key: str, maps: Sequence[Mapping[str, Any]], titles: Sequence[str], words: Mapping[str, str], mode: Mode
) -> None:
    """Draw heatmaps that belong together, two in a row; the panel that explains cells hears their clicks.

    Args:
        key: of the component.
        maps: each as `heat_map` takes it: the cells, with name and alt.
        titles: of each.
        words: the texts of the section "heatmap_words".
        mode: light or dark.
    """
    first = maps[0]
    common = {name: first[name] for name in first if all(other[name] == first[name] for other in maps)}
    own = [
        {"title": title, **{name: shown[name] for name in shown if name not in common}}
        for title, shown in zip(titles, maps, strict=True)
    ]
    _HEATMAPS(key, {"maps": own, "common": {**common, "sends": False}, "words": dict(words)}, mode)


def headings(key: str, lines: Sequence[Mapping[str, str]], words: Mapping[str, str], mode: Mode) -> None:
    """Draw what each map shows: look, shape, and key, which a click copies."""
    _HEADING(key, {"lines": [dict(line) for line in lines], "words": dict(words)}, mode)


def word_lines(
    key: str, lines: Sequence[Mapping[str, Any]], mode: Mode, hint: str = "", *, large: bool = False
) -> None:
    """Draw lines of words as chips.

    Args:
        key: of the component.
        lines: each with title, side ("source" or "target"), words, special and unseen (flags); perhaps looks (a side or
            "typed" for each word), titles (said of each word when it is pointed at), doubted (flags: words of which the
            model is not sure), and more (said of what is left out behind them).
        mode: light or dark.
        hint: stands at the end, and invites to type.
        large: whether the words are what the page begins with.
    """
    _WORDS(key, {"lines": [dict(line) for line in lines], "hint": hint, "large": large}, mode)


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


def to_name(on_name: Callable[[str], None] | None) -> Hear:
    """Return what hears of a name that was chosen, and hands it on."""

    def hear(name: Any) -> None:
        if on_name is not None:
            on_name(word(name))

    return hear


def to_cell(on_cell: Callable[[int, int], None] | None) -> Hear:
    """Return what hears of a cell that was chosen, and hands on its row and column."""

    def hear(cell: Any) -> None:
        if on_cell is not None:
            on_cell(whole(cell, "row"), whole(cell, "column"))

    return hear
