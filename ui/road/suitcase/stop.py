"""What the stop of the suitcase shows: what the writer is told of a sentence, what comes back, and the look back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

import streamlit as st

from figures.base.labels import percent
from transformer_core.edits.values import Fill
from transformer_core.glass.sites import sites_by_key
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from transformer_core.text.words import is_word, word_spans
from ui.frame.text import dotted, escape, t
from ui.parts.cards import card_of
from ui.parts.choosers import choose_side
from ui.parts.stepper import Extra
from ui.road.guess import Guess, given_on, show_guess
from ui.road.stop import show_end, show_failure
from ui.road.suitcase import copies, look_back
from ui.road.suitcase.twins import copies as does_copy
from ui.road.suitcase.twins import looks_back, mates_of, told_block
from ui.state.edit_list import added
from ui.state.models import GREETING, Asked, get_model, get_trace, language_of, model_title
from ui.state.places import TOLD
from ui.state.session import identify_run
from ui.state.view import View

PAGE = "suitcase"
GIVEN = given_on(PAGE)
OPTIONS = (*copies.OPTIONS, look_back.AT, GIVEN)
COPIES, LOOK_BACK = WHOLE = "copies", "look_back"  # stops that show no side of a single model
EIGHT = 8  # words of the sentences by which those that copy are compared
_BLEU, _WHOLE = re.compile(r"BLEU ([\d.]+)"), re.compile(r"eight words ([\d.]+) %")


def suitcase_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops show below their pictures, and the stops that show no value."""
    return {TOLD: show_written, COPIES: copies.show_copies, LOOK_BACK: look_back.show_look_back}


def _compared(model: str) -> list[str]:
    """The models that do the same; of those that translate, our Transformer as well."""
    return mates_of(model) if does_copy(model) else [*mates_of(model), GREETING[language_of(model)]]


def show_written(view: View, trace: Trace) -> None:
    """Draw what all models that do the same write for the sentence, and whether it is a copy."""
    lang, asked = view.lang, identify_run(view).edited
    rows = []
    for name in _compared(view.model):
        run = get_trace(asked if name == view.model else Asked(name, asked.source, ""))
        tokenizer = get_model(name).target_tokenizer
        assert tokenizer is not None
        written = tokenizer.decode(run.written_ids)
        right = f":material/{'check' if written == _as_read(name, run) else 'close'}: " if does_copy(name) else ""
        title = f"**{escape(model_title(name, lang))}**" if name == view.model else escape(model_title(name, lang))
        rows.append(f"| {title} | {right}{escape(written)} |")
    head = [f"| {t('suitcase.model', lang)} | {t('suitcase.writes', lang)} |", "|---|---|"]
    st.markdown("\n".join([*head, *rows]))
    st.markdown(dotted("suitcase.look", lang))


def _as_read(name: str, run: Trace) -> str:
    """The sentence as a model that copies reads it."""
    tokenizer = get_model(name).source_tokenizer
    assert tokenizer is not None
    return tokenizer.decode(run[run.plan.word_lists[0].tokens].astype(int).tolist())


def choose_side_and_edit(view: View, trace: Trace) -> None:
    """Draw the choice of a side, and the button that takes away what the writer is told at a word."""
    if view.stage in WHOLE:
        return
    with st.container(key="choosers", horizontal=True, vertical_alignment="center", gap="small"):
        if view.stage in ("", TOLD):
            state, block = st.session_state, told_block(trace.plan)
            site = sites_by_key(trace.plan).get(state.site)
            row = (state.row or 0) if site is not None and site.block is block else 0  # else it is a word that is read
            word = trace.writing.written[min(row, len(trace.writing.written) - 1)].text
            label, edit = t("suitcase.empty", view.lang, word=word), Fill(key_of(block, "out"), (row,))
            st.button(label, key="empty_told", on_click=partial(_add, view, edit))
        choose_side(view, trace)


def _add(view: View, edit: Fill) -> None:
    st.session_state.update(edits=added(view.edits, edit), run="edited", opened=PAGE)


def suitcase_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop: the scores, what fails, one guess, where the idea lives on."""
    lang = view.lang
    st.divider()
    with st.container(key="road_number", horizontal=True, gap="large"):
        for name in _compared(view.model):
            if (score := score_of(name)) is not None:
                kind = "whole" if does_copy(name) else "bleu"
                st.metric(model_title(name, lang), t(f"suitcase.{kind}", lang, n=f"{score:.1f}"))
    st.caption(dotted("suitcase.copied" if does_copy(view.model) else "suitcase.scored", lang))
    show_failure(view, PAGE, _failure(view))
    show_guess(view, _last_look(view), GIVEN)
    show_end(view, PAGE)


def score_of(name: str) -> float | None:
    """Return what a model's card says of it: BLEU, or for one that copies how many of 100 sentences of eight words."""
    found = (_WHOLE if does_copy(name) else _BLEU).search(card_of(name))
    return None if found is None else float(found[1])


def _failure(view: View) -> str:
    """Return what a small suitcase makes of sentences of eight words, beside its twin, and where that one fails."""
    found = copies.copying_models()
    small = min(found, key=lambda name: (looks_back(name), get_model(name).config.d_model))
    twin = min(found, key=lambda name: (not looks_back(name), get_model(name).config.d_model))
    mine, its = copies.copies_of(small), copies.copies_of(twin)
    lost = next((one for one in mine[EIGHT] if not one.right), mine[EIGHT][0])
    longest = max(its)
    return dotted(
        "suitcase.fails",
        view.lang,
        d=get_model(small).config.d_model,
        eight=EIGHT,
        longest=longest,
        n=len(mine[EIGHT]),
        right=sum(one.right for one in mine[EIGHT]),
        sentence=escape(lost.sentence),
        written=escape(lost.written),
        twin=sum(one.right for one in its[EIGHT]),
        long=sum(one.right for one in its[longest]),
        n_long=len(its[longest]),
    )


def _last_look(view: View) -> Guess:
    """Return the question at which word the twin that looks back looks for the last word that it writes."""
    asked, trace, block = look_back.look_of_twin(view)
    reads, writes = get_model(asked.model).source_tokenizer, get_model(asked.model).target_tokenizer
    assert reads is not None
    assert writes is not None
    ids, written = trace[trace.plan.word_lists[0].tokens].astype(int).tolist(), trace.written_ids
    words = {span: text for span in word_spans(reads, ids) if (text := reads.decode(ids[slice(*span)]).strip())}
    ends = [first for first, behind in word_spans(writes, written) if is_word(writes, written[first:behind])]
    weights = trace[f"{block.path}.weights"][0, ends[-1] if ends else -1]
    return Guess(PAGE, list(words.values()), lambda: [float(weights[slice(*span)].sum()) for span in words], percent)
