"""What a reader can take home of a stop: pictures, numbers, code, the whole trace, and a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from figures.base.explain import mathml
from figures.base.report import Line, Page, Part, report
from figures.base.theme import Mode
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.trace import Trace
from transformer_core.snippets.cell import snippet
from ui.frame.components import picture_buttons
from ui.frame.text import SEPARATOR, section, t, without_terms
from ui.frame.wording import said
from ui.parts.explain import panel_data
from ui.parts.focus import Focus, focus_on
from ui.parts.maps import Map, map_figure, numbers
from ui.parts.stop_maps import chart_key, plain_heading
from ui.parts.telling import strongest
from ui.state.models import Asked, get_model, model_title
from ui.state.places import HEADS, Stop
from ui.state.session import current_view, identify_run, mode, takes_target
from ui.state.view import View
from ui.take_home.files import csv_file, file_name, head_part, npz_file, run_part, trace_file

DOWNLOAD = ":material/download:"
ROOM = 520  # pixels below the open button: its window is only as high as what lies below it on the screen


@st.fragment  # opening it reruns nothing else on the page
def take_home(page: str, trace: Trace, stop: Stop) -> None:
    """Draw the button behind which everything of this stop can be saved; nothing is made until it is asked for."""
    lang = current_view().lang
    popover = st.popover(t("export.open", lang), icon=DOWNLOAD, key=f"{page}.export", on_change="rerun")
    if not popover.open:
        return
    view = current_view()
    focus = focus_on(view, trace, stop)
    with popover:
        say_difference(identify_run(view), lang)
        shown = focus.maps[_choose_map(view, stop, focus)]
        _show_files(page, view, trace, stop, focus, shown)
        left, right = st.columns(2)
        with left:
            name = file_name(view.model, "trace", run_part(identify_run(view).edited), kind="npz")
            download(page, "trace", name, lang, partial(trace_file, trace), n=len(trace))
        with right:
            name = file_name(view.model, page, stop.stage, run_part(identify_run(view)), kind="html")
            download(page, "report", name, lang, partial(report_file, page, view, trace, stop, mode()))
        st.markdown(f"**{t('export.snippet', lang)}**", help=t("export.snippet_help", lang))
        st.code(_snippet(view, trace, focus, shown), language="python")
    st.space(ROOM)


def report_file(page: str, view: View, trace: Trace, stop: Stop, mode: Mode) -> bytes:
    """Return what a stop shows as one HTML file that opens without a network."""
    focus = focus_on(view, trace, stop)
    title = (t(f"page.{page}", view.lang), t(f"stop.{stop.stage}", view.lang))

    def parts() -> list[Part]:
        return [_part(view, trace, focus, number, mode) for number in range(len(focus.maps))]

    return report_page(identify_run(view), view, trace, title, parts, mode)


def report_page(
    asked: Asked, view: View, trace: Trace, title: Sequence[str], parts: Callable[[], Sequence[Part]], mode: Mode
) -> bytes:
    """Return some parts as one HTML file, below the sentence and above the model.

    Args:
        asked: the run, or the difference of two, that it shows.
        view, trace: where it stands in the app.
        title: the page, and the stop if there is one.
        parts: makes what the file shows.
        mode: light or dark.
    """
    lang = view.lang
    called = model_title(view.model, lang)  # its name, where it has no other
    facts = {t("report.name", lang): called if called == view.model else f"{called} ({view.model})"}
    if asked.edits:
        facts |= {t("edit_bar.title", lang): asked.edits}
        facts |= {t("report.run", lang): run_name(asked, lang)}
    facts |= flat(get_model(view.model).config.to_dict())
    made = Page(
        lang=lang,
        mode=mode,
        title=SEPARATOR.join((t("title", lang), *title)),
        lines=_lines(view, trace),
        facts=facts,
        parts=parts(),
    )
    return report(made, section("explain_words", lang) | section("report", lang)).encode()


def flat(record: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """Return the fields of a record and of the records in it as texts, each by its name behind those of its records."""
    found: dict[str, str] = {}
    for name, value in record.items():
        found |= flat(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}": str(value)}
    return found


def _lines(view: View, trace: Trace) -> tuple[Line, ...]:
    """The text, and what the model makes of it."""
    lang, written = view.lang, trace.writing.written
    text = Line(said("report.sentence", view.model, lang), "source", trace.words_of(trace.plan.word_lists[0].name).read)
    if takes_target(view.model):
        return (text, Line(t("bar.forced" if view.target.strip() else "bar.output", lang), "target", written))
    own = [word for word in written if not word.typed and not word.special]
    return (text, Line(said("bar.output", view.model, lang), "target", own)) if own else (text,)


def _part(view: View, trace: Trace, focus: Focus, number: int, mode: Mode) -> Part:
    shown, value = focus.maps[number], focus.maps[number].value
    drawn = focus.drawn()
    here = drawn is not None and drawn["map"] == number
    explained = shown.key == focus.value.key and shown.head in (None, focus.head)
    return Part(
        heading=plain_heading(view, trace, value),
        place=_place(view, shown),
        formula="" if value.is_parameter else mathml(find_formula(trace.plan, shown.key).latex),
        figure=map_figure(identify_run(view), shown, view.lang, mode),
        selected=(drawn["row"], drawn["column"]) if drawn is not None and here else None,
        cell=_explained(view, trace, focus) if explained else None,
        snippet=_snippet(view, trace, focus, shown),
    )


def _explained(view: View, trace: Trace, focus: Focus) -> dict[str, Any]:
    """What the panel says of a cell, on paper: no term can be pointed at there."""
    data = panel_data(view, trace, focus)
    return {**data, "told": without_terms(data["told"])}


def _choose_map(view: View, stop: Stop, focus: Focus) -> int:
    """Draw the choice of a map, where there are several; return its number."""
    if len(focus.maps) == 1:
        return 0
    drawn = focus.drawn()

    def name(number: int) -> str:
        shown = focus.maps[number]
        return _place(view, shown) if stop.stage == HEADS else shown.value.name

    chosen = st.segmented_control(
        t("export.which", view.lang),
        range(len(focus.maps)),
        default=drawn["map"] if drawn else 0,
        format_func=name,
        required=True,
        key=f"export.{stop.stage}",
    )
    return chosen or 0


def _part_of_page(stop: Stop, number: int) -> dict[str, str]:
    """Where a map of a stop is drawn: all heads stand in one component."""
    if stop.stage == HEADS:
        return {"chart": f"st-key-{chart_key(0)}", "part": str(number)}
    return {"chart": f"st-key-{chart_key(number)}"}


def _show_files(page: str, view: View, trace: Trace, stop: Stop, focus: Focus, shown: Map) -> None:
    """Draw what can be saved of one map: its picture and its numbers."""
    lang, asked = view.lang, identify_run(view)
    value, head = shown.value, shown.head or 0
    place = _place(view, shown)
    run = run_part(asked, shown.key)
    name = file_name(view.model, shown.key, head_part(value, head), run)
    picture = {
        "opener": f"st-key-{page}-export",
        **_part_of_page(stop, focus.maps.index(shown)),
        "name": name,
        "title": plain_heading(view, trace, value)["title"],
        "place": SEPARATOR.join(
            part for part in (shown.key, place, run_name(asked, lang, shown.key), view.model) if part
        ),
    }
    picture_buttons(f"{page}.pictures", picture, section("pictures", lang), mode())
    left, right = st.columns(2)
    with left:
        rows, columns = value.sheet(trace, head).shape
        make = partial(csv_file, asked, shown.key, head)
        download(page, "csv", f"{name}.csv", lang, make, rows=rows, columns=columns)
    with right:
        shape = " × ".join(map(str, trace.array(shown.key).shape))
        npz = file_name(view.model, shown.key, run, kind="npz")
        download(page, "npz", npz, lang, partial(npz_file, asked, shown.key), shape=shape)


def run_name(asked: Asked, lang: str, key: str = "") -> str:
    """Return which run a file is of, in words; "" without edits. `key` as in `run_part`."""
    run = run_part(asked, key)
    return t(f"edit_run.{run}", lang) if run else ""


def say_difference(asked: Asked, lang: str) -> None:
    """Say, where a difference is looked at, what of it the files have."""
    if asked.difference:
        st.caption(t("export.difference", lang))


def _place(view: View, shown: Map) -> str:
    if shown.head is None:
        return ""
    return t(f"axis_name.{shown.value.axes[0]}", view.lang, i=shown.value.own_head(shown.head))


def _snippet(view: View, trace: Trace, focus: Focus, shown: Map) -> str:
    """Python that reproduces the chosen cell, on a map of the same value; on others the strongest."""
    cell = (focus.row, focus.column)
    if shown.key != focus.value.key:
        cell = strongest(numbers(identify_run(view), shown.value, shown.head or 0))
    index = shown.value.index(focus.head if shown.head is None else shown.head, *cell)
    return snippet(trace.plan, **vars(identify_run(view)), key=shown.key, cell=index)


def download(page: str, kind: str, name: str, lang: str, make: Callable[[], bytes], **facts: object) -> None:
    """Draw the button that saves a file, which is made when it is clicked."""
    st.download_button(
        t(f"export.{kind}", lang),
        make,
        name,
        mime={"csv": "text/csv", "report": "text/html"}.get(kind, "application/octet-stream"),
        key=f"{page}.{kind}",
        help=t(f"export.{kind}_help", lang, **facts),
        on_click="ignore",
        width="stretch",
    )
