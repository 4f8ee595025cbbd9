"""The look back of a chain and that of our Transformer, line by line: score, softmax, weighted sum."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix, weights_matrix
from figures.base.labels import bare_label
from figures.base.theme import Mode, theme
from figures.road.look_back import Look, look_of, same_look, same_row, three_lines
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_of, key_of
from transformer_core.glass.words import Word
from ui.frame.text import dotted, escape, t
from ui.parts.charts import heat
from ui.parts.telling import most_telling
from ui.road.suitcase.twins import looking_twin
from ui.state.models import GREETING, Asked, get_trace, language_of, model_title
from ui.state.options import Option, tied, whole_number
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.values import find_value
from ui.state.view import View
from ui.state.whose import open_elsewhere

KIND = ("decoder", "cross_attn")
LINES = ("score", "softmax", "sum")
NOWHERE = 999
AT: Option[int] = Option("at", NOWHERE, whole_number(0, NOWHERE))


def look_of_twin(view: View) -> tuple[Asked, Trace, Block]:
    """Return the run of the twin that looks back, with the reader's edits if it is the model that is looked at."""
    asked, twin = identify_run(view).edited, looking_twin(view.model)
    asked = asked if twin == view.model else Asked(twin, asked.source, "")
    trace = get_trace(asked)
    return asked, trace, attention_of(trace.plan, *KIND)[0]


def show_look_back(view: View, trace: Trace) -> None:
    """Draw the three lines of both for one written word, and below them where every word looks."""
    lang = view.lang
    asked, trace, block = look_of_twin(view)
    key = key_of(block, "weights")
    written = trace.writing.written
    row = tied(AT, asked)
    if row >= len(written):
        row = most_telling(trace, find_value(trace.plan, key), trace[key][0])[0]
    look = look_of(trace, block, 0, row)
    chain, transformer = st.columns(2, gap="large")
    with chain:
        st.markdown(f"##### {escape(model_title(asked.model, lang))}")
        _show_lines(look, written[row], three_lines(look, additive=True), lang)
        _map("looks_chain", view, asked, block, 0, row, AT.choose)
    with transformer:
        _show_transformer(view, look, written, row)
    st.markdown(dotted("look_back.says", lang))


def _show_transformer(view: View, look: Look, written: tuple[Word, ...], row: int) -> None:
    lang, source = view.lang, identify_run(view).source
    asked = Asked(GREETING[language_of(view.model)], source, "")
    try:
        trace = get_trace(asked)
    except GlassformerError:
        return
    blocks = attention_of(trace.plan, *KIND)
    here = same_row(written, row, trace.writing.written)
    layer, head = same_look(trace, blocks, here, look.read[look.best])
    its, width = look_of(trace, blocks[layer], head, here), trace.plan.size("E")
    where = t("look_back.head", lang, layer=layer, head=head)
    st.markdown(f"##### {escape(model_title(asked.model, lang))} :small[{where}]")
    _show_lines(its, trace.writing.written[here], three_lines(its, additive=False, width=width), lang)

    def follow(row: int) -> None:
        AT.choose(same_row(trace.writing.written, row, written))

    _map("looks_transformer", view, asked, blocks[layer], head, here, follow)
    if st.button(t("look_back.open", lang), key="look_there", type="tertiary", icon=":material/arrow_outward:"):
        place = {"stack": KIND[0], "block": KIND[1], "layer": layer, "head": head, "row": here, "column": its.best}
        open_elsewhere("attention", "weights", **place)
        st.rerun()


def _show_lines(look: Look, word: Word, lines: tuple[str, str, str], lang: str) -> None:
    read = look.read[look.best].text
    st.markdown(t("look_back.looks", lang, word=escape(word.text), read=escape(read)))
    for name, line in zip(LINES, lines, strict=True):
        st.caption(dotted(f"look_back.{name}", lang))
        st.latex(line)


def _map(key: str, view: View, asked: Asked, block: Block, head: int, row: int, choose: Callable[[int], None]) -> None:
    shown = _alignment(asked, block.path, head, row, view.lang, mode())
    alt = t("look_back.map", view.lang, model=model_title(asked.model, view.lang))
    heat(shown, key, alt, view, lambda row, _: choose(row), asked.model)


@kept_with_run
def _alignment(asked: Asked, path: str, head: int, row: int, lang: str, mode: Mode) -> Matrix:
    """Where every written word looks; the one that the lines are about is bold."""
    trace, colours = get_trace(asked), theme(mode)
    rows = [bare_label(word, colours) for word in trace.writing.written]
    rows[row] = f"<b>{rows[row]}</b>"
    columns = [bare_label(word, colours) for word in trace.words_of("source").read]
    axes = Axes(rows, columns, t("look_back.writes", lang), t("look_back.reads", lang), t("look_back.share", lang))
    return weights_matrix(trace[f"{path}.weights"][head], trace[f"{path}.mask"].astype(bool), axes, colours)
