"""What stands on top of every page: model, sentence, optional target, and what the model makes of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word
from ui.components import word_lines
from ui.edit_bar import writes_line
from ui.models import Asked, get_model, get_trace, model_names, model_title
from ui.session import mode
from ui.text import LANGUAGES, escape, t
from ui.view import View

EXAMPLES = Path(__file__).resolve().parent.parent / "assets" / "examples"


def examples(model: str) -> tuple[str, ...]:
    """Return sentences that the model handles well, written for this project; none for a model that is not bundled."""
    path = example_file("", model)
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.exists() else ()


def example_file(what: str, model: str) -> Path:
    """Return the file of examples of some sort for a model; twins share theirs, and many models have none.

    Args:
        what: the sort, e.g. "pairs"; "" for sentences.
        model: its name.
    """
    twin = model.removesuffix("-prenorm")
    return EXAMPLES / (f"{what}.{twin}.txt" if what else f"{twin}.txt")


def show_bar(lang: str) -> None:
    """Draw the inputs; what is typed is kept in the session, whatever becomes of it."""
    model = st.session_state.model
    limit = get_model(model).config.max_length - 1
    columns = st.columns([2, 4, 3, 1.4], vertical_alignment="bottom")
    columns[0].selectbox(
        t("bar.model", lang),
        model_names(),
        key="model",
        format_func=lambda name: model_title(name, lang),
        on_change=_change_model,
        args=(model,),
        persist_state="session",
    )
    columns[1].text_input(
        t("bar.source", lang),
        key="source",
        placeholder=t("bar.placeholder", lang),
        help=t("bar.source_help", lang, limit=limit),
        persist_state="session",
    )
    columns[2].text_input(
        t("bar.target", lang),
        key="target",
        placeholder=t("bar.target_placeholder", lang),
        help=t("bar.target_help", lang),
        persist_state="session",
    )
    # One widget for all of them: a button each took a third of the time of every rerun.
    if there := examples(model):  # Streamlit's menu bears no empty list
        columns[3].menu_button(t("bar.examples", lang), there, key="example", on_click=_pick_example, width="stretch")


def show_words(view: View, trace: Trace) -> None:
    """Draw the sentence and what is written for it as words, and mark what training never saw."""
    glass = get_model(view.model)
    unseen = glass.unseen(view.source)
    source, written = trace.words_of(trace.plan.word_lists[0].name).read, trace.writing.written
    lines = [_line(t("bar.source", view.lang), "source", source, glass.unseen_flags(view.source))]
    title = "bar.forced" if view.target.strip() else "bar.output"
    if written:
        lines.append(_line(t(title, view.lang), "target", written))
    if view.target.strip():
        own = get_trace(Asked(view.model, view.source.strip(), "")).writing.written
        lines.append(_line(t("bar.own", view.lang), "target", own))
    if view.edits and (edited := writes_line(view)):
        lines.append(_line(edited[0], "target", edited[1]))
    word_lines("words", lines, mode())
    if unseen:
        st.warning(t("bar.unseen", view.lang, words=escape("  ".join(unseen))), icon=":material/visibility_off:")
    if written and not view.target.strip() and not written[-1].special:
        st.warning(t("bar.limit", view.lang, limit=glass.config.max_length), icon=":material/content_cut:")


def choose_language(lang: str) -> None:
    """Draw the language switch."""
    st.segmented_control(
        t("language.label", lang),
        LANGUAGES,
        key="lang",
        required=True,
        format_func=lambda name: t(f"language.{name}", lang),
        label_visibility="collapsed",
        persist_state="session",
    )


def _line(title: str, side: str, words: tuple[Word, ...], unseen: tuple[bool, ...] = ()) -> dict[str, object]:
    texts, special = [word.text for word in words], [word.special for word in words]
    return {"title": title, "side": side, "words": texts, "special": special, "unseen": unseen or [False] * len(words)}


def _pick_example() -> None:
    _pick(st.session_state.example)


def _pick(text: str) -> None:
    st.session_state.source, st.session_state.target = text, ""


def _change_model(before: str) -> None:
    """An example goes with its model; a sentence that was typed stays, whatever the model makes of it."""
    others = examples(st.session_state.model)
    if others and st.session_state.source in examples(before):
        _pick(others[0])
