"""Our own components, which stand in assets/components: for each of them, what it takes and what it tells.

Each is registered once, when this module is imported. Texts of the reader reach the page as text nodes, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import streamlit as st

from figures.base.theme import Mode
from ui.parts import wires
from ui.parts.modules import Draw, Hear, register
from ui.state.view import shortened

_ADDRESS: Draw[wires.AddressData] = register("address/address", isolated=False)
_EDITS: Draw[wires.EditsData] = register("edits/edits")
_EXPLAIN: Draw[wires.ExplainData] = register("explain/explain")
_HEADING: Draw[wires.HeadingData] = register("heading/heading")
_HEATMAP: Draw[wires.HeatmapData] = register("heatmap/heatmap")
_HEATMAPS: Draw[wires.HeatmapsData] = register("heatmap/heatmaps")
_MAP: Draw[wires.MapData] = register("map/map")
_PATH: Draw[wires.PathData] = register("path/path")
_PRESENT: Draw[wires.PresentData] = register("present/present")
_PICTURES: Draw[wires.PicturesData] = register("pictures/pictures")
_PLAYER: Draw[wires.PlayerData] = register("player/player")
_STEPPER: Draw[wires.StepperData] = register("stepper/stepper")
_TERMS: Draw[wires.TermsData] = register("terms/terms", isolated=False)
_WORDS: Draw[wires.WordsData] = register("words/words")


def address(query: Mapping[str, str], page: str) -> None:
    """Write the view into the browser's address, in place: no history entry, so that Back leaves the page.

    An address so long that no server would load it again is shortened; the bar says so. Each is numbered: Streamlit may
    hand an older one to the browser again, when a run was broken off by a click.
    """
    number = st.session_state["addresses"] = st.session_state.get("addresses", 0) + 1
    _ADDRESS(
        "address", {"query": shortened(query), "page": page, "session": st.session_state.session, "number": number}
    )


def present(
    key: str, data: Mapping[str, Any], words: Mapping[str, str], mode: Mode, on_share: Callable[[str], None]
) -> None:
    """Draw the button that shares the link, and listen to the keys of the mode for a projector.

    Args:
        key: of the component.
        data: "others", this machine's address for others or ""; "qr", from `figures.base.qr.qr_code`, of "asked".
        words: the texts of the section "present".
        mode: light or dark.
        on_share: called with the link of which a code is asked for, before the rerun.
    """
    _PRESENT(key, cast(wires.PresentData, {**data, "words": dict(words)}), mode, share=lambda link: on_share(str(link)))


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

    def choose(stage: str) -> None:
        if stage in dict(stages):
            on_choose(stage)

    data: wires.StepperData = {"stages": [list(stage) for stage in stages], "chosen": chosen, "words": dict(words)}
    _STEPPER(key, data, mode, choose=choose)


def path_strip(
    key: str,
    stops: Sequence[Mapping[str, str]],
    here: int,
    words: Mapping[str, str],
    mode: Mode,
    on_go: Callable[[int], None],
) -> None:
    """Draw the stops of the path as numbered links, and the next one once more by its name.

    Args:
        key: of the component.
        stops: label and href of each.
        here: number of the stop at which the reader stands, from 1; 0 is before the first.
        words: name (of the path), stop (what a number says), and next; "" where nothing leads on.
        mode: light or dark.
        on_go: called before the rerun with the number of the stop that the reader chose.
    """

    def go(sent: Any) -> None:
        number = round(sent)
        if 1 <= number <= len(stops):
            on_go(number)

    _PATH(key, {"stops": [dict(stop) for stop in stops], "here": here, "words": dict(words)}, mode, go=go)


def edit_chips(
    key: str,
    data: wires.EditsData,
    mode: Mode,
    on_toggle: Callable[[int], None],
    on_remove: Callable[[int], None],
    on_run: Callable[[str], None],
) -> None:
    """Draw the list of edits with their switches, and the choice of the run that is shown.

    Args:
        key: of the component.
        data: "chips" (text, on, note, bad), "run" (the chosen one), "runs" (id, label), "note", and "words", the texts
            of the section "edit_bar".
        mode: light or dark.
        on_toggle, on_remove: called before the rerun with the number of an edit; to remove -1 is all of them.
        on_run: called before the rerun with the id of a run.
    """
    _EDITS(
        key,
        data,
        mode,
        toggle=lambda sent: on_toggle(round(sent["value"])),
        remove=lambda sent: on_remove(round(sent["value"])),
        run=lambda sent: on_run(sent["value"]),
    )


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


def term_tips(terms: Mapping[str, Sequence[str]], words: Mapping[str, str], glossary: str, mode: Mode) -> None:
    """Send the explanations of terms to the browser, where every dotted term of the page finds its own.

    Args:
        terms: for each id its name and its explanation.
        words: all, the label of the way to the glossary.
        glossary: the address of that page.
        mode: light or dark.
    """
    told = {term: list(pair) for term, pair in terms.items()}
    _TERMS("terms", {"terms": told, "words": dict(words), "glossary": glossary}, mode)


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
            "typed" for each word), titles (said of each word when it is pointed at), and more (said of what is left out
            behind them).
        mode: light or dark.
        hint: stands at the end, and invites to type.
        large: whether the words are what the page begins with.
    """
    _WORDS(key, {"lines": [dict(line) for line in lines], "hint": hint, "large": large}, mode)


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
    _MAP(key, cast(wires.MapData, {**model, "words": dict(words)}), mode, open=lambda site: on_open(str(site)))


def player(
    key: str,
    steps: Mapping[str, Any],
    step: int,
    words: Mapping[str, str],
    mode: Mode,
    on_pick: Callable[[int, int], None],
    on_undo: Callable[[], None],
) -> None:
    """Draw a decoding that plays, steps and seeks in the browser; it writes its step into the address itself.

    Args:
        key: of the component.
        steps: from `figures.decode.unfold_wire.packed`.
        step: where to begin.
        words: the texts of the section "player".
        mode: light or dark.
        on_pick: called before the rerun with a step and the id of the word that the reader chose there.
        on_undo: called before the rerun when the reader gives all chosen words back.
    """
    data = cast(wires.PlayerData, {**steps, "step": step, "words": dict(words)})

    def pick(picked: dict[str, float]) -> None:
        on_pick(round(picked["step"]), round(picked["id"]))

    _PLAYER(key, data, mode, pick=pick, undo=lambda _: on_undo())


def picture_buttons(key: str, picture: Mapping[str, str], words: Mapping[str, str], mode: Mode) -> None:
    """Draw the buttons that save a picture, in the browser, as it stands on the page.

    Args:
        key: of the component.
        picture: "chart" and "opener", the classes that their keys give to the component that draws and to the button
            that opens the window in which this stands; "name" of the file, without its ending; "title" and "place", its
            caption.
        words: the texts of the section "pictures".
        mode: light or dark.
    """
    _PICTURES(key, cast(wires.PicturesData, {**picture, "words": dict(words)}), mode)


def to_name(on_name: Callable[[str], None] | None) -> Hear:
    """Return what hears of a name that was chosen, and hands it on."""

    def hear(name: str) -> None:
        if on_name is not None:
            on_name(str(name))

    return hear


def to_cell(on_cell: Callable[[int, int], None] | None) -> Hear:
    """Return what hears of a cell that was chosen, and hands on its row and column."""

    def hear(cell: dict[str, float]) -> None:
        if on_cell is not None:
            on_cell(round(cell["row"]), round(cell["column"]))

    return hear
