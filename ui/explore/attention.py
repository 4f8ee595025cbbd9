"""What the page of attention shows besides its maps: where Q, K and V come from, an example, what the heads write."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.theme import Mode, theme
from figures.explore.head_writes import Array, Writes, head_writes, sizes_matrix, writes_matrix
from figures.explore.wiring import Wire, memory_of, wires, wiring
from figures.explore.worked_example import D_K, SCORES, worked_example
from transformer_core.glass.trace import Trace
from ui.explore.components import show_wiring
from ui.explore.division import show_division
from ui.explore.several_heads import show_several
from ui.frame.text import SEPARATOR, dotted, t
from ui.learn.masks.leak import show_mask_leak
from ui.parts.charts import apart, heading, heat, side_ticks, told_row
from ui.parts.focus import follow_picture
from ui.parts.stepper import Extra
from ui.parts.telling import strongest
from ui.state.both_runs import of_runs, say_look, tell
from ui.state.models import Asked, get_trace
from ui.state.session import current_view, identify_run, mode, path_of
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

PAGE, EXAMPLE = "attention", "worked_example"
_SUM_OF_HEADS = (
    r"\begin{aligned} & \mathrm{Concat}(z^0, \dots, z^{H-1})\, W^O + b^O"
    r" \\ & = \sum_{h} z^h\, W^{O,h} + b^O \end{aligned}",
    r"\begin{aligned} & \mathrm{Concat}(z^0, \dots, z^{H-1})\, W^O \\ & = \sum_{h} z^h\, W^{O,h} \end{aligned}",
)


def show_origin(view: View, trace: Trace) -> None:
    """Draw which rows Q, K and V are made of, in every layer, as the formulas say it."""
    assert view.layer is not None
    lang, found = view.lang, wires(trace.plan, view.stack, view.block)
    memory = memory_of(found)
    here = {wire.name: wire.origin for wire in found if wire.layer == view.layer}
    st.divider()
    says = t("attention.origin_cross" if memory else "attention.origin_self", lang, query=here["q"], memory=here["k"])
    heading(t("attention.origin_title", lang), says)
    picture, listed = st.columns([6, 5], gap="large", vertical_alignment="center")
    with picture:
        show_wiring("wiring", wiring(found, view.layer, view.stack), t("attention.origin_title", lang), mode())
    with listed:
        st.markdown("\n".join(f"- {line}" for line in _origins(found, memory)))


def show_example(view: View, trace: Trace) -> None:
    """Draw the worked example of the literature, computed by the core."""
    lang, example = view.lang, worked_example()
    a, b = (f"{score:g}" for score in SCORES)
    box = st.expander(t("attention.example_title", lang), key=EXAMPLE, on_change="rerun")
    if not box.open:  # a closed box is not sent: another stage is to cost few bytes
        return
    with box:
        st.markdown(dotted("attention.example_look", lang, a=a, b=b, d_k=D_K))
        for step in example.steps():
            st.latex(step)
        st.markdown(dotted("attention.example_why", lang, share=example.unscaled_least()))


def show_writes(view: View, trace: Trace) -> None:
    """Draw the sum of what the heads write into the chosen row."""
    lang, row = view.lang, current_view().row or 0  # the panel has chosen a row, if the reader has not
    row, asked = min(row, len(trace[f"{path_of(view)}.out"]) - 1), identify_run(view)
    st.divider()
    heading(
        t("attention.writes_title", lang), dotted("attention.writes_look", lang, row=told_row(trace, view.stack, row))
    )
    st.latex(_SUM_OF_HEADS[_bias(trace, path_of(view)) is None])
    parts = _parts(asked, path_of(view), row, lang, mode())
    say_look(view, parts)
    heat(parts, "writes", t("attention.writes_title", lang), view, lambda i, d: _open_part(view, trace, i, row, d))
    tell(view, lambda run: t("attention.writes_facts", lang, difference=apart(_writes(run, path_of(view)).difference)))


def show_sizes(view: View, trace: Trace) -> None:
    """Draw how much each head writes into every row."""
    lang, asked = view.lang, identify_run(view)
    st.divider()
    heading(t("attention.sizes_title", lang), dotted("attention.sizes_look", lang))
    sizes = _sizes(asked, path_of(view), lang, mode())
    say_look(view, sizes)
    heat(sizes, "writes_sizes", t("attention.sizes_title", lang), view, lambda h, q: _open_head(view, trace, h, q))


def show_why(view: View, trace: Trace) -> None:
    """Draw why scores are divided: in the reader's own row, and in the example of the literature."""
    show_division(view, trace)
    show_example(view, trace)


_EXTRAS = {
    "q": show_origin,
    "scores_scaled": show_why,
    "scores": show_mask_leak,
    "heads": show_several,
    "head_out": show_sizes,
    "out": show_writes,
}


def _open_part(view: View, trace: Trace, part: int, row: int, column: int) -> None:
    """Open what one part of the sum adds: a head, the bias, or, below them, the sum."""
    heads = len(trace[f"{path_of(view)}.z"])
    if part < heads:
        follow_picture(trace, PAGE, f"{path_of(view)}.head_out", (part, row, column))
    elif part == heads and _bias(trace, path_of(view)) is not None:
        follow_picture(trace, PAGE, f"{path_of(view)}.b_O", (column,))
    else:
        follow_picture(trace, PAGE, f"{path_of(view)}.out", (row, column))


def _open_head(view: View, trace: Trace, head: int, row: int) -> None:
    key = f"{path_of(view)}.head_out"
    follow_picture(trace, PAGE, key, (head, row, strongest(trace[key][head, row : row + 1])[1]))


def attention_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops of the attention page show besides their values."""
    return _EXTRAS


def _origins(found: tuple[Wire, ...], memory: str) -> list[str]:
    """A line per origin, the shared one last: which values are made of it."""
    made: dict[str, list[str]] = {}
    for wire in sorted(found, key=lambda wire: wire.origin == memory):
        made.setdefault(wire.origin, []).append(f"`{wire.key}`")
    return [f"`{origin}` → {SEPARATOR.join(keys)}" for origin, keys in made.items()]


@kept_with_run
def _writes(asked: Asked, path: str) -> Writes:
    trace = get_trace(asked)
    return head_writes(trace[f"{path}.head_out"], _bias(trace, path), trace[f"{path}.out"])


def _bias(trace: Trace, path: str) -> Array | None:
    """What a block adds to the sum of its heads, if it adds anything."""
    return trace.parameters.get(f"{path}.b_O")


def _heads(trace: Trace, path: str, lang: str) -> list[str]:
    return [t("axis_name.H", lang, i=i) for i in range(len(trace[f"{path}.z"]))]


@kept_with_run
def _parts(asked: Asked, path: str, row: int, lang: str, mode: Mode) -> Matrix:
    """What is added up in one row, and the sum."""
    trace = get_trace(asked)
    parts = [*_heads(trace, path, lang), *(["b_O"] if _bias(trace, path) is not None else []), "", "= out"]
    axes = Axes(parts, (), t("attention.who", lang), t("axis.D", lang), t("attention.entry", lang))
    return of_runs(asked, lambda run: writes_matrix(_writes(run, path), row, axes, theme(mode)), lang, mode)


@kept_with_run
def _sizes(asked: Asked, path: str, lang: str, mode: Mode) -> Matrix:
    """How much each head writes for every query."""
    trace = get_trace(asked)
    queries = side_ticks(trace, trace.site(f"{path}.out").sides[0], mode)
    titles = t("attention.who", lang), t("axis.Q", lang), t("attention.length", lang)
    axes = Axes(_heads(trace, path, lang), queries, *titles)
    return of_runs(asked, lambda run: sizes_matrix(_writes(run, path), axes, theme(mode)), lang, mode)
