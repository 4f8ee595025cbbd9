"""The reader's choices in `st.session_state`: seeded once from the URL, mirrored back into it."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache

import streamlit as st

from figures.base.theme import Mode
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_kinds
from transformer_core.text.incoming import Prepared, prepare
from ui.frame.text import LANGUAGES, SEPARATOR, escape, say_error, t
from ui.frame.wording import said
from ui.state.edit_list import in_effect
from ui.state.models import (
    DEFAULT_MODEL,
    Asked,
    Need,
    able_models,
    can,
    get_model,
    get_trace,
    is_at_hand,
    model_title,
)
from ui.state.view import Problem, View, block_of, fit_to_model

# Widgets that choose a field of the view bear its name as their key; these fields are chosen in other ways.
NAMES = tuple(field.name for field in fields(View))
# What was chosen for a model and means nothing to another one.
OF_A_MODEL = (
    "model",
    *("target", "stack", "block", "layer", "head"),
    *("stage", "site", "row", "column", "trail"),
    *("edits", "run"),
)
_DEFAULTS = {field.name: field.default for field in fields(View) if field.default is not None}


def current_view() -> View:
    """Return what the reader chose.

    A second text that the model does not take is none, but it is kept for a model that does.
    """
    view = View(**{name: st.session_state[name] for name in NAMES})
    return view if takes_target(view.model) else replace(view, target="")


def ready_text(view: View) -> Prepared:
    """Return the view's text as its model gets it, with what was done to it.

    A translator of ours reads traditional characters as simplified ones, and neither emoji nor what cannot be seen;
    another's reads a text as its makers' tokenizer does.
    """
    tokenizer = get_model(view.model).source_tokenizer
    if tokenizer is None or not tokenizer.language or not takes_target(view.model):
        return Prepared(view.source.strip(), ())
    return _prepared(view.source, tokenizer.language)


@lru_cache(maxsize=256)
def _prepared(text: str, language: str) -> Prepared:
    found = prepare(text, language)
    return Prepared(found.text.strip(), found.notes)


def untouched(view: View) -> bool:
    """Return whether the view still shows the sentence with which the app began, and nothing else that was typed."""
    return bool(view.source) and view.source == st.session_state.given and not view.target and not view.edits


def begin_with(source: str, target: str) -> None:
    """Run the page anew with another sentence and translation: the fields take what they show before they are drawn."""
    st.session_state.wished = (source, target)
    st.rerun()


def begin_at(attention: tuple[str, str]) -> None:
    """Look at the attention with which a page begins, stack and block, until the reader has chosen another one."""
    state = st.session_state
    here = (state.stack, state.block)
    if here == state.attention_given and here != attention and attention in attention_choices(current_view()):
        state.update(stack=attention[0], block=attention[1], attention_given=attention, site="", trail="")
        state.update(row=None, column=None)


def takes_target(model: str) -> bool:
    """Return whether a model can be made to write a second text."""
    return "translates" in get_model(model).abilities


def fit_choices() -> View:
    """Fit what was chosen to the model, before any widget is drawn: another model may have fewer layers or heads.

    Return what is chosen now.
    """
    if wished := st.session_state.pop("wished", None):
        st.session_state.source, st.session_state.target = wished
    mend_forged()
    view = current_view()
    fitted = fit_to_model(view, get_model(view.model).plan, [])
    for name in NAMES:
        if getattr(fitted, name) != getattr(view, name):
            st.session_state[name] = getattr(fitted, name)
    return fitted


def mend_forged() -> None:
    """Put what no widget of ours can be set to back to its default: what a browser tells may be forged."""
    state = st.session_state
    for name, default in _DEFAULTS.items():
        if not isinstance(state[name], type(default)):
            state[name] = default
    if state.lang not in LANGUAGES:
        state.lang = LANGUAGES[0]
    if not is_at_hand(state.model):
        state.model = DEFAULT_MODEL


def attention_choices(view: View) -> tuple[tuple[str, str], ...]:
    """Return the kinds of attention that the model has, stack and block of each."""
    return attention_kinds(get_model(view.model).plan)


def path_of(view: View) -> str:
    """Return the path of the attention block at which the reader looks, e.g. decoder.2.cross_attn."""
    return block_of(get_model(view.model).plan, view).path


def opened_page(page: str) -> str | None:
    """Return the page, another than this, that shows what the reader clicked on, once."""
    opened: str | None = st.session_state.pop("opened", None)
    return None if opened == page else opened


def identify_run(view: View) -> Asked:
    """Return what identifies the trace that the view shows: of its edits, those that can be carried out."""
    plain = Asked(view.model, ready_text(view).text, view.target.strip())
    if not view.edits or view.run == "original":
        return plain
    edits = in_effect(plain, view.edits).text
    return replace(plain, edits=edits, difference=bool(edits) and view.run == "difference")


def traced(view: View, needs: Need | None = None) -> Trace | None:
    """Return the trace of the view's sentence, or None after telling the reader why there is none.

    Args:
        view: what the reader chose.
        needs: what the page asks of a model; the reader is told which of those at hand can do it.
    """
    if needs is not None and not can(view.model, needs):
        able = [f"“{model_title(name, view.lang)}”" for name in able_models(needs)]
        names = escape(SEPARATOR.join(able)) or t("page_needs.nobody", view.lang)
        model = escape(model_title(view.model, view.lang))
        st.info(said(f"page_needs.{needs}", view.model, view.lang, model=model, able=names))
        return None
    try:
        return get_trace(identify_run(view))
    except GlassformerError as error:
        st.warning(say_error(error, view.lang), icon=":material/edit:")
        return None


def show_problems(lang: str, more: list[Problem] | None = None) -> None:
    """Say which parts of the link made no sense, until the reader's next choice."""
    for problem in [*st.session_state.pop("problems", []), *(more or [])]:
        used = problem.used if problem.used not in ("", "-") else t("link.default", lang)
        facts = {"value": escape(problem.value), "used": escape(used)}
        own = problem.name == "model"  # a link from a machine that has more of them
        st.info(t("link.no_model", lang, **facts) if own else t("link.bad", lang, name=problem.name, **facts))


def cell_of_link() -> bool:
    """Return, once, whether the chosen cell is the link's: later a shorter sentence may lack it without a word."""
    return bool(st.session_state.pop("cell_of_link", False))


def first_step(view: View, n_steps: int, problems: list[Problem], begins: int = 0) -> None:
    """Choose where the player begins: at the link's step while its sentence is shown, else at step `begins`.

    A step that the decoding lacks is added to `problems`.
    """
    if sentence_of(view) != st.session_state.sentence_of_link or not st.session_state.step_of_link:
        st.session_state.step = min(begins, n_steps - 1)
    elif view.step >= n_steps:
        problems.append(Problem("step", str(view.step), str(n_steps - 1)))
        st.session_state.step = n_steps - 1


def sentence_of(view: View) -> tuple[str, ...]:
    """What a decoding's steps belong to."""
    return view.model, view.source, view.target, view.edits, view.run


def mode() -> Mode:
    """Return whether the reader's theme is light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"
