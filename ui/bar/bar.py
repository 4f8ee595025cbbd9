"""What stands on top of every page: model, sentence, optional target, and what the model makes of them."""

from __future__ import annotations

import streamlit as st

from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from ui.bar.edit_bar import show_edits
from ui.bar.foreign import other_language
from ui.bar.own_words import Line, doubtful_words, told_apart, word_line, written_lines
from ui.frame.share import show_share
from ui.frame.text import dotted, escape, t
from ui.frame.wording import said
from ui.parts.components import word_lines
from ui.state.examples import examples, offered
from ui.state.models import get_model, get_trace, is_at_hand, model_names, model_title
from ui.state.road import page_of_model, table_of
from ui.state.session import current_view, identify_run, mode, ready_text, takes_target, untouched
from ui.state.view import View, shortened, to_query
from ui.state.whose import fit_sentence

WORDS = "place_of_words"  # the place (placeholder) of the words, of the present run


def show_bar(lang: str, page: str) -> None:
    """Draw the line of model and sentence; what is typed is kept in the session, whatever becomes of it.

    Args:
        lang: language.
        page: below it, which may have examples of its own.
    """
    model = st.session_state.model
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            t("bar.model", lang),
            [model if name == table_of(model) else name for name in model_names(page)],
            key="model",
            format_func=lambda name: model_title(name, lang),
            on_change=_change_model,
            args=(model,),
            label_visibility="collapsed",
            persist_state="session",
        )
        view = current_view()
        trace = _trace_of(view)
        with st.container(key="sentence"):
            st.session_state[WORDS] = st.empty()  # the page knows of which run
            _type_sentence(model, lang)
        if takes_target(model):
            _type_target(lang)
        _show_notes(view, trace)
        show_edits()
        if there := offered(model, page):  # Streamlit's menu bears no empty list
            st.menu_button(t("bar.examples", lang), list(there), key="example", on_click=_pick_example, args=(there,))
        show_share(lang)


def show_words(view: View, trace: Trace, *, large: bool = False) -> None:
    """Draw the sentence and what a run writes for it as words, in the place that the bar keeps for them.

    Args:
        view: what the reader sees.
        trace: the run.
        large: whether the page begins with them; then they also invite a first reader to type.
    """
    hint = said("bar.invites", view.model, view.lang) if large and untouched(view) else ""
    with st.session_state[WORDS]:
        word_lines("words", _lines(view, trace), mode(), hint, large=large)


def _type_sentence(model: str, lang: str) -> None:
    """The field of the sentence; it lies under the words until somebody types."""
    st.text_input(
        said("bar.source", model, lang),
        key="source",
        placeholder=said("bar.placeholder", model, lang, limit=get_model(model).task.side.limit),
        label_visibility="collapsed",
        persist_state="session",
    )


def _type_target(lang: str) -> None:
    """The field of the reader's own translation, behind a pencil."""
    with st.popover(t("bar.target", lang), icon=":material/edit:", key="own_translation", type="tertiary"):
        st.text_input(
            t("bar.target", lang),
            key="target",
            placeholder=t("bar.target_placeholder", lang),
            persist_state="session",
        )
        st.caption(dotted("bar.target_help", lang))


def _trace_of(view: View) -> Trace | None:
    """The run of the view's sentence; None where there is none, and the page says why."""
    try:
        return get_trace(identify_run(view))
    except GlassformerError:
        return None


def _lines(view: View, trace: Trace) -> list[Line]:
    """The sentence and what is written for it as lines of words."""
    glass, first, ready = get_model(view.model), trace.plan.word_lists[0].name, ready_text(view).text
    text = trace.words_of(first).read
    if first in causal_lists(trace.plan):
        text = text[: len(glass.read_ids(ready))]  # what it goes on with is a line of its own
    line = word_line(said("bar.source", view.model, view.lang), "source", text, glass.unseen_flags(ready), (first, 0))
    if "predicts_next" in glass.abilities:  # its own words look alike, and stand behind
        line = told_apart(line, text, view.lang)
    return [line, *written_lines(view, trace)]


def _show_notes(view: View, trace: Trace | None) -> None:
    """What there is to say of the sentence, behind a sign: what was done to it, unseen words, a limit."""
    lang, notes = view.lang, list[str]()
    ready = ready_text(view)
    notes += [t(f"incoming.{note.code}", lang, found=escape("  ".join(note.found))) for note in ready.notes]
    unseen = get_model(view.model).unseen(ready.text)
    if unseen and other_language(view) is None:
        left_out = "vectors" in get_model(view.model).abilities
        notes.append(t("bar.left_out" if left_out else "bar.unseen", lang, words=escape("  ".join(unseen))))
    own = takes_target(view.model) and not view.target.strip()
    if own and trace is not None and not trace.writing.written[-1].special:
        notes.append(t("bar.limit", lang, limit=get_model(view.model).config.max_length))
    if own and trace is not None and (doubtful := doubtful_words(view, trace)):
        notes.append(t("bar.doubtful_words", lang, words=escape(_joined(trace, doubtful))))
    query = to_query(view)
    if shortened(query) != query:
        notes.append(t("bar.long_link", lang))
    if notes:
        with st.popover(t("bar.notes", lang, n=len(notes)), icon=":material/warning:", type="tertiary"):
            for note in notes:
                st.warning(note)


def _joined(trace: Trace, spans: tuple[tuple[int, int], ...]) -> str:
    """Words of what is written, each put together from its pieces."""
    pieces = [word.text.removeprefix("##") for word in trace.writing.written]
    return "  ".join("".join(pieces[first:behind]) for first, behind in spans)


def _pick_example(there: dict[str, tuple[str, str]]) -> None:
    _pick(*there[st.session_state.example])


def _pick(text: str, second: str = "") -> None:
    st.session_state.update(source=text, target=second, step=0)


def choose_model(name: str) -> None:
    """Go over to another model, as the reader does in the bar; a callback, or before the bar is drawn."""
    before, st.session_state.model = st.session_state.model, name
    _change_model(before)


def _change_model(before: str) -> None:
    """An example goes with its model; a sentence that was typed stays, whatever the model makes of it."""
    if not is_at_hand(st.session_state.model):  # only what is forged
        st.session_state.model = before
    others = examples(st.session_state.model)
    if page_of_model(st.session_state.model):
        fit_sentence()
    elif others and st.session_state.source in examples(before):
        _pick(others[0])
