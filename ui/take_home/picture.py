"""What a reader can take home of a picture that follows from a run: the picture, its numbers, code, run and report."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO, StringIO

import numpy as np
import streamlit as st

from figures.base.heatmaps.heatmap import runs
from figures.base.heatmaps.matrix import Matrix
from figures.base.heatmaps.matrix_figure import matrix_figure
from figures.base.report import Part
from transformer_core.glass.trace import Trace
from ui.frame.components import picture_buttons
from ui.frame.text import SEPARATOR, section, t
from ui.state.both_runs import look_of
from ui.state.models import Asked
from ui.state.session import current_view, mode
from ui.take_home.export import DOWNLOAD, ROOM, download, report_page, run_name, say_difference
from ui.take_home.files import MARK, file_name, run_part, trace_file


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, and what it is made of.

    Attributes:
        chart: key of the component that draws it.
        name: of its files.
        title: what it shows.
        matrix: makes the numbers, with their labels.
        snippet: makes Python that works the numbers out anew.
        part: of the component that is in the picture, as a selector of CSS; "" is all of it.
        asked: the run, or the difference of two, that the numbers are of.
    """

    chart: str
    name: str
    title: str
    matrix: Callable[[], Matrix]
    snippet: Callable[[], str]
    part: str = ""
    asked: Asked = field(kw_only=True)


@st.fragment  # opening it reruns nothing else on the page
def take_pictures(page: str, stage: str, trace: Trace, pictures: Sequence[Picture]) -> None:
    """Draw the button behind which the pictures of a stop can be saved; nothing is made until it is asked for."""
    view = current_view()
    lang, place = view.lang, f"{page}-{stage}" if stage else page
    popover = st.popover(t("export.open", lang), icon=DOWNLOAD, key=f"{place}.export", on_change="rerun")
    if not popover.open:
        return
    with popover:
        picture = pictures[_choose(place, pictures, lang)]
        say_difference(picture.asked, lang)
        _show_picture(place, picture, view.model, lang)
        left, right = st.columns(2)
        with left:
            make = partial(trace_file, trace)
            name = file_name(view.model, "trace", "edited" if trace.edits else "", kind="npz")
            download(place, "trace", name, lang, make, n=len(trace))
        with right:
            parts = partial(_parts, pictures, lang)
            asked = next((each.asked for each in pictures if each.asked.difference), picture.asked)
            title = (t(f"page.{page}", lang), *([t(f"stop.{stage}", lang)] if stage else []))
            make = partial(report_page, asked, view, trace, title, parts, mode())
            download(place, "report", file_name(view.model, page, stage, run_part(asked), kind="html"), lang, make)
        st.markdown(f"**{t('export.picture_snippet', lang)}**", help=t("export.picture_snippet_help", lang))
        st.code(picture.snippet(), language="python")
    st.space(ROOM)


def matrix_csv(matrix: Matrix) -> bytes:
    """Return all cells as CSV with their labels; where words stand in the cells, each before its number."""
    columns = [_plain(label) for label in matrix.axes.columns] or [str(i) for i in range(matrix.values.shape[1])]
    if matrix.texts:
        columns = [name for column in columns for name in (column, matrix.axes.value)]
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([matrix.axes.value, *columns])
    for i, row in enumerate(matrix.values.astype(str).tolist()):
        pairs = zip(matrix.texts[i], row, strict=True) if matrix.texts else ((number,) for number in row)
        writer.writerow([_plain(matrix.axes.rows[i]), *(cell for pair in pairs for cell in pair)])
    return (MARK + text.getvalue()).encode()


def matrix_npz(matrix: Matrix) -> bytes:
    """Return all cells as NPZ: `values`, `rows`, `columns`, what the numbers are, and `texts` where there are words."""
    file = BytesIO()
    labels = {name: np.array([_plain(label) for label in getattr(matrix.axes, name)]) for name in ("rows", "columns")}
    texts = {"texts": np.array(matrix.texts)} if matrix.texts else {}
    np.savez(file, allow_pickle=False, values=matrix.values, value=np.array(matrix.axes.value), **labels, **texts)
    return file.getvalue()


def _choose(place: str, pictures: Sequence[Picture], lang: str) -> int:
    if len(pictures) == 1:
        return 0
    chosen = st.segmented_control(
        t("export.which", lang),
        range(len(pictures)),
        default=0,
        format_func=lambda i: pictures[i].title,
        required=True,
        key=f"{place}.which",
    )
    return chosen or 0


def _show_picture(place: str, picture: Picture, model: str, lang: str) -> None:
    name, matrix = file_name(model, picture.name, run_part(picture.asked)), picture.matrix()
    told = {
        "opener": f"st-key-{place}-export",
        "chart": f"st-key-{picture.chart.replace('.', '-')}",
        "part": picture.part,
        "name": name,
        "title": picture.title,
        "place": SEPARATOR.join((_named(picture, lang), model)),
    }
    picture_buttons(f"{place}.pictures", told, section("pictures", lang), mode())
    rows, columns = matrix.values.shape
    left, right = st.columns(2)
    with left:
        download(place, "csv", f"{name}.csv", lang, partial(matrix_csv, matrix), rows=rows, columns=columns)
    with right:
        download(place, "npz", f"{name}.npz", lang, partial(matrix_npz, matrix), shape=f"{rows} × {columns}")


def _named(picture: Picture, lang: str) -> str:
    return SEPARATOR.join(part for part in (picture.name, run_name(picture.asked, lang)) if part)


def _parts(pictures: Sequence[Picture], lang: str) -> list[Part]:
    found = []
    for picture in pictures:
        matrix = picture.matrix()
        shape = " × ".join(map(str, matrix.values.shape))
        heading = {"title": picture.title, "look": look_of(picture.asked, matrix, lang), "shape": shape}
        heading["key"] = _named(picture, lang)
        found.append(Part(heading, "", "", matrix_figure(matrix), None, None, picture.snippet()))
    return found


def _plain(label: str) -> str:
    return "".join(text for text, _ in runs(label))
