"""Our own components, which stand in assets/components: for each of them, what it takes and what it tells.

Each is registered once, when this module is imported. Texts of the reader reach the page as text nodes, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from figures.base.theme import Mode
from ui.parts.modules import register
from ui.state.view import shortened

_ADDRESS = register("address/address", isolated=False)
_EDITS = register("edits/edits")
_EXPLAIN = register("explain/explain")
_HEADING = register("heading/heading")
_HEATMAP = register("heatmap/heatmap")
_MAP = register("map/map")
_PATH = register("path/path")
_PICTURES = register("pictures/pictures")
_PLAYER = register("player/player")
_STEPPER = register("stepper/stepper")
_TERMS = register("terms/terms", isolated=False)
_WORDS = register("words/words")


def address(query: Mapping[str, str], page: str) -> None:
    """Write the view into the browser's address, in place: no history entry, so that Back leaves the page.

    An address so long that no server would load it again is shortened; the bar says so.
    """
    _ADDRESS(key="address", data={"query": shortened(query), "page": page, "session": st.session_state.session})


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

    def choose() -> None:
        stage = st.session_state[key].choose
        if stage in dict(stages):
            on_choose(stage)

    data = {"stages": [list(stage) for stage in stages], "chosen": chosen, "words": dict(words), "mode": mode}
    _STEPPER(key=key, data=data, on_choose_change=choose)


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

    def go() -> None:
        number = round(st.session_state[key].go)
        if 1 <= number <= len(stops):
            on_go(number)

    data = {"stops": [dict(stop) for stop in stops], "here": here, "words": dict(words), "mode": mode}
    _PATH(key=key, data=data, on_go_change=go)


def edit_chips(
    key: str,
    data: Mapping[str, Any],
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

    def sent(name: str, handler: Callable[[Any], None]) -> Callable[[], None]:
        return lambda: handler(st.session_state[key][name]["value"])

    events = {"on_toggle_change": sent("toggle", lambda n: on_toggle(round(n)))}
    events |= {"on_remove_change": sent("remove", lambda n: on_remove(round(n))), "on_run_change": sent("run", on_run)}
    _EDITS(key=key, data={**data, "mode": mode}, **events)


def explain_panel(
    key: str, data: Mapping[str, Any], mode: Mode, handlers: Mapping[str, Callable[[dict[str, Any]], None]]
) -> None:
    """Draw the panel that explains a cell; it listens to clicks on the heatmaps that it names.

    Args:
        key: of the component.
        data: from `ui.parts.explain.panel_data`.
        mode: light or dark.
        handlers: called with the event before the rerun: "cell" (map, row, column), "typed" (row, column), "open" (key,
            index), "back" (number).
    """

    def handler(name: str) -> Callable[[], None]:
        return lambda: handlers[name](st.session_state[key][name])

    events = {f"on_{name}_change": handler(name) for name in handlers}
    _EXPLAIN(key=key, data={**data, "mode": mode}, **events)


def heat_map(
    key: str,
    cells: Mapping[str, Any],
    name: str,
    alt: str,
    words: Mapping[str, str],
    mode: Mode,
    on_cell: Callable[[int, int], None] | None = None,
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
    """

    def chosen() -> None:
        if on_cell is not None:
            cell = st.session_state[key].cell
            on_cell(round(cell["row"]), round(cell["column"]))

    more = {"name": name, "alt": alt, "sends": on_cell is not None, "words": dict(words), "mode": mode}
    _HEATMAP(key=key, data={**cells, **more}, on_cell_change=chosen)


def term_tips(terms: Mapping[str, Sequence[str]], words: Mapping[str, str], glossary: str, mode: Mode) -> None:
    """Send the explanations of terms to the browser, where every dotted term of the page finds its own.

    Args:
        terms: for each id its name and its explanation.
        words: all, the label of the way to the glossary.
        glossary: the address of that page.
        mode: light or dark.
    """
    told = {term: list(pair) for term, pair in terms.items()}
    _TERMS(key="terms", data={"terms": told, "words": dict(words), "glossary": glossary, "mode": mode})


def headings(key: str, lines: Sequence[Mapping[str, str]], words: Mapping[str, str], mode: Mode) -> None:
    """Draw what each map shows: look, shape, and key, which a click copies."""
    _HEADING(key=key, data={"lines": [dict(line) for line in lines], "words": dict(words), "mode": mode})


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
    _WORDS(key=key, data={"lines": [dict(line) for line in lines], "hint": hint, "large": large, "mode": mode})


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

    def opened() -> None:
        on_open(str(st.session_state[key].open))

    _MAP(key=key, data={**model, "words": dict(words), "mode": mode}, on_open_change=opened)


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

    def pick() -> None:
        picked = st.session_state[key].pick
        on_pick(round(picked["step"]), round(picked["id"]))

    data = {**steps, "step": step, "words": dict(words), "mode": mode}
    _PLAYER(key=key, data=data, on_pick_change=pick, on_undo_change=on_undo)


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
    _PICTURES(key=key, data={**picture, "words": dict(words), "mode": mode})
