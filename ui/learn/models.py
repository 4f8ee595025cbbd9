"""The page of models: what each is, how large, what it is for, its card; where it is allowed, a field for any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

import streamlit as st

from figures.base.labels import number
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.walks import attention_facts, n_layers, stacks
from transformer_core.models.glass import Glass
from ui.bar.bar import choose_model
from ui.frame.menu import HOME
from ui.frame.page import page_file
from ui.frame.text import escape, say_error, t
from ui.parts.cards import show_card
from ui.state.models import get_model, model_names, model_title
from ui.state.opening import open_own, size_of
from ui.state.own_models import add_own, any_model, forget_own
from ui.state.view import View

PAGE = "models"
COLUMNS = 3
# The first that a model has says what it is for.
ABILITIES = ("fills_gaps", "translates", "predicts_next", "fills", "embeds")
COMMAND = " ".join(("streamlit", "run", "app.py", "--", "--model", "FOLDER_OR_NAME"))
SOON = 0.2  # seconds between two looks at how far a download is


def show_models(view: View) -> None:
    """Draw how to open another model, and all that are at hand; a click opens one on the first page."""
    with st.container(key=PAGE):
        (_show_field if any_model() else _show_command)(view.lang)
        names = model_names()
        for start in range(0, len(names), COLUMNS):
            for name, column in zip(names[start : start + COLUMNS], st.columns(COLUMNS), strict=False):
                with column, st.container(border=True, height="stretch", key=f"model_{names.index(name)}"):
                    _show_model(name, view)


def _show_model(name: str, view: View) -> None:
    lang, glass = view.lang, get_model(name)
    ability = next(one for one in ABILITIES if one in glass.abilities)
    st.markdown(f"**{escape(model_title(name, lang))}**")
    st.caption(f"{t(f'models_for.{ability}', lang)} · {escape(name)}")
    st.markdown(_shape(glass, lang))
    opens = st.button(
        t("models.opened" if name == view.model else "models.open", lang),
        key=f"open_{name}",
        icon=":material/check:" if name == view.model else None,
        on_click=choose_model,
        args=(name,),
    )
    if opens:
        st.switch_page(page_file(HOME))
    show_card(name, lang)


def _shape(glass: Glass, lang: str) -> str:
    """The facts of a model, one a line."""
    config, plan = glass.config, glass.plan
    n_parameters, n_bytes = size_of(glass)
    layers = [t(f"models.{stack}", lang, n=n_layers(plan, stack)) for stack in stacks(plan)]
    heads = {attention_facts(block).heads for block in plan.blocks if block.role == "attention"}
    words = {tokenizer.vocab_size for tokenizer in (glass.source_tokenizer, glass.target_tokenizer) if tokenizer}
    facts = [
        t("models.layers", lang, layers=" + ".join(layers), heads=", ".join(map(str, sorted(heads)))),
        t("models.sizes", lang, d_model=config.d_model, words=" + ".join(f"{n:,}" for n in sorted(words))),
        t("models.size", lang, n=f"{n_parameters:,}", bytes=number(n_bytes / 1e6, 1)),
        t("models.longest", lang, limit=config.max_length),
    ]
    return "  \n".join(facts)


def _show_command(lang: str) -> None:
    st.markdown(t("models.own", lang, command=COMMAND))


def _show_field(lang: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="any_model"):
        place = st.text_input(
            t("models.field", lang),
            key="any_model_place",
            placeholder="openai-community/gpt2",
            help=t("models.help", lang),
        )
        wanted = st.button(t("models.open", lang), key="any_model_open", type="primary")
    if not wanted or not place.strip():
        return
    try:
        _open(place.strip(), lang)
    except GlassformerError as error:
        st.warning(say_error(error, lang))
        with st.expander(t("models.details", lang)):
            st.text(str(error))


def _open(place: str, lang: str) -> None:
    """Fetch and open another model, and go to the first page; a click on anything else ends the download."""
    name = _fetched(place, lang)
    try:
        with st.spinner(t("models.opening", lang, name=escape(name))):
            open_own(name)
    except GlassformerError:
        forget_own(name)
        raise
    choose_model(name)
    st.switch_page(page_file(HOME))


def _fetched(place: str, lang: str) -> str:
    """The name of a model whose files are here."""
    told, ended = [0, 1], Event()

    def tell(there: int, whole: int) -> None:
        told[:] = there, whole
        if ended.is_set():
            raise InterruptedError  # the reader went on to something else

    bar, pool = st.progress(0.0, t("models.looking", lang, name=escape(place))), ThreadPoolExecutor(1)
    work = pool.submit(add_own, place, tell)
    try:
        while not work.done():
            wait([work], timeout=SOON)
            there, whole = told
            if there:
                sizes = {"there": number(there / 1e6, 1), "whole": number(whole / 1e6, 1)}
                bar.progress(there / whole, t("models.fetching", lang, name=escape(place), **sizes))
    finally:
        ended.set()
        pool.shutdown(wait=False)
        bar.empty()
    return work.result()
