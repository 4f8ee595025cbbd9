"""What stands on top of every page: model, sentence, optional target, and what the model makes of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.trace import Trace
from ui.frame.own_words import told_apart, word_line, written_lines
from ui.frame.text import LANGUAGES, escape, t
from ui.frame.wording import said
from ui.parts.components import word_lines
from ui.state.models import get_model, model_names, model_title
from ui.state.session import mode, takes_target
from ui.state.view import View

EXAMPLES = Path(__file__).resolve().parents[2] / "assets" / "examples"
SORTS = ("", "beginnings", "hidden")  # of texts that a model may have as its examples


def examples(model: str) -> tuple[str, ...]:
    """Return texts that the model handles well, written for this project; none for a model that is not bundled.

    Behind a tab stands what belongs to a text, as the words that it hides.
    """
    path = next((path for sort in SORTS if (path := example_file(sort, model)).exists()), None)
    lines = () if path is None else path.read_text(encoding="utf-8").splitlines()
    return tuple(line.partition("\t")[0] for line in lines)


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
    limit, two_texts = get_model(model).task.side.limit, takes_target(model)
    columns = st.columns([2, 4, 3, 1.4] if two_texts else [2, 7, 1.4], vertical_alignment="bottom")
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
        said("bar.source", model, lang),
        key="source",
        placeholder=said("bar.placeholder", model, lang),
        help=said("bar.source_help", model, lang, limit=limit),
        persist_state="session",
    )
    if two_texts:
        columns[2].text_input(
            t("bar.target", lang),
            key="target",
            placeholder=t("bar.target_placeholder", lang),
            help=t("bar.target_help", lang),
            persist_state="session",
        )
    # One widget for all of them: a button each took a third of the time of every rerun.
    if there := examples(model):  # Streamlit's menu bears no empty list
        columns[-1].menu_button(t("bar.examples", lang), there, key="example", on_click=_pick_example, width="stretch")


def show_words(view: View, trace: Trace) -> None:
    """Draw the sentence and what is written for it as words, and mark what training never saw."""
    glass, first = get_model(view.model), trace.plan.word_lists[0].name
    unseen = glass.unseen(view.source)
    text = trace.words_of(first).read
    if first in causal_lists(trace.plan):
        text = text[: len(glass.read_ids(view.source.strip()))]  # what it goes on with is a line of its own
    line = word_line(said("bar.source", view.model, view.lang), "source", text, glass.unseen_flags(view.source))
    if "predicts_next" in glass.abilities:  # its own words look alike, and stand behind
        line = told_apart(line, text, view.lang)
    lines = [line, *written_lines(view, trace)]
    word_lines("words", lines, mode())
    if unseen:
        st.warning(t("bar.unseen", view.lang, words=escape("  ".join(unseen))), icon=":material/visibility_off:")
    written = trace.writing.written
    if takes_target(view.model) and not view.target.strip() and not written[-1].special:
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


def _pick_example() -> None:
    _pick(st.session_state.example)


def _pick(text: str) -> None:
    st.session_state.source, st.session_state.target = text, ""


def _change_model(before: str) -> None:
    """An example goes with its model; a sentence that was typed stays, whatever the model makes of it."""
    others = examples(st.session_state.model)
    if others and st.session_state.source in examples(before):
        _pick(others[0])
