"""The step of Word2Vec on the reader's sentence: a window, a pair of it, drawn noise, and where all of them go."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import streamlit as st

from figures.road.pulling import moved_words, plane_data
from transformer_core.ancestors.word2vec import CBOWConfig, Word2Vec, Word2VecConfig
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from transformer_core.models.glass import Glass
from transformer_core.studies.road.pulling import Step, draw_noise, plane_of, take_step
from transformer_core.text.word_tokenizer import WordTokenizer
from ui.frame.text import dotted, escape, section, t
from ui.parts import hearing
from ui.parts.modules import Hear
from ui.parts.wires import PullData
from ui.road.components import pull
from ui.state.models import get_model, language_of, model_names
from ui.state.options import Option, one_of, tied, two_numbers, whole_number
from ui.state.road import family_of
from ui.state.session import mode, ready_text
from ui.state.view import View

PAGE = "vectors"
NOISE = 5  # words that are drawn for a pair
RATES = ("0.05", "0.5", "1")
WIDEST = 10
NOBODY = (-1, -1)
REACH: Option[int] = Option("reach", 2, whole_number(1, WIDEST))
SEED: Option[int] = Option("noise", 1, whole_number(1, 99999))
RATE: Option[str] = Option("rate", "0.5", one_of(*RATES))
PAIR: Option[tuple[int, int]] = Option("pair", NOBODY, two_numbers, lambda pair: f"{pair[0]},{pair[1]}")
OPTIONS = (REACH, SEED, RATE, PAIR)


def tokenizer_of(glass: Glass) -> WordTokenizer:
    """Return the words that a model of word vectors has a vector for."""
    tokenizer = glass.target_tokenizer
    assert isinstance(tokenizer, WordTokenizer)
    return tokenizer


def config_of(glass: Glass) -> Word2VecConfig:
    """Return the shape of a model of word vectors."""
    assert isinstance(glass.config, Word2VecConfig)
    return glass.config


def show_step(view: View, trace: Trace) -> None:
    """Draw the window over the sentence, and the step of the chosen pair."""
    glass, lang = get_model(view.model), view.lang
    ids = [int(i) for i in trace[trace.plan.word_lists[0].tokens]]
    if len(ids) < 2:
        st.info(t("pull.lonely", lang, n=f"{len(tokenizer_of(glass).words):,}"))
        return
    bag, widest = isinstance(glass.config, CBOWConfig), config_of(glass).window
    reach = min(REACH.value, widest)
    centre, near = _pair(ids, reach, view, bag=bag)
    rows = [row for row in range(max(0, centre - reach), min(len(ids), centre + reach + 1)) if row != centre]
    read, target = ([ids[row] for row in rows], ids[centre]) if bag else ([ids[centre]], ids[near])
    step = _step(view.model, tuple(read), target, SEED.value, float(RATE.value))
    tokenizer = tokenizer_of(glass)
    around = {ids[row] for row in range(len(ids)) if 0 < abs(row - centre) <= widest} | (
        {ids[centre]} if bag else set()
    )
    moved = moved_words(step, lambda i: str(tokenizer.pieces([i])[0]), around)
    key = key_of(trace.plan.blocks[-1], "scores")
    explains = not bag or reach == widest
    _look_at_pair(key, centre, step)
    state, said = st.session_state, [word["text"] for word in moved]
    pairs = state.site in [key_of(trace.plan.blocks[-1], value.name) for value in trace.plan.blocks[-1].values]
    chosen = step.words.index(state.column) if pairs and state.column in step.words else None
    data = {
        "line": _line(tokenizer, ready_text(view).text),
        "list": trace.plan.word_lists[0].name,
        "centre": centre,
        "near": -1 if bag else near,
        "window": rows,
        "reach": reach,
        "widest": widest,
        "bag": bag,
        "ways": [way for way in ("skip", "bag") if _model_of(way, view.model) is not None],
        "reads": t("pull.mean" if bag else "pull.reads", lang, word=str(tokenizer.pieces([ids[centre]])[0])),
        "moved": moved,
        "plane": plane_data(plane_of(step)),
        "explains": explains,
        "seed": SEED.value,
        "rate": RATE.value,
        "rates": list(RATES),
        "chosen": "" if chosen is None or not explains or state.row != centre else str(chosen),
        "words": section("pull_words", lang),
    }
    pull("pull", cast(PullData, data), mode(), **_handlers(step, key, centre, near))
    first, last = (f"{100 * sure[0]:.0f}" for sure in (step.sure, step.sure_after))
    worst = 1 + max(range(NOISE), key=lambda n: step.pulls[1 + n])
    facts = {"near": escape(said[0]), "before": first, "after": last, "noise": escape(said[worst])}
    told = dotted("pull.told_bag" if bag else "pull.told", lang, **facts, share=f"{100 * step.sure[worst]:.0f}")
    if step.words[0] in step.words[1:]:
        told += " " + dotted("pull.drawn", lang, near=facts["near"])
    kept = t("pull.kept", lang, share=f"{100 * plane_of(step).share:.0f}")
    st.markdown(told)
    st.caption(f"{kept} {t('pull.seed', lang, seed=SEED.value)}")


def _line(tokenizer: WordTokenizer, text: str) -> list[dict[str, Any]]:
    """Every word of the sentence, with its row; -1 of one that has no vector."""
    found, row = [], 0
    for word in tokenizer.split(text):
        known = tokenizer.id_of(word) is not None
        found.append({"text": word, "row": row if known else -1})
        row += known
    return found


def _pair(ids: list[int], reach: int, view: View, *, bag: bool) -> tuple[int, int]:
    """The word in the middle and its neighbour: the reader's, else the rarest word, and the one before or behind it."""
    centre, near = tied(PAIR, (view.source, len(ids)))
    if not 0 <= centre < len(ids):
        centre, near = max(range(len(ids)), key=lambda row: ids[row]), -1
    if not 0 <= near < len(ids) or not 0 < abs(near - centre) <= reach:
        near = centre - 1 if centre else 1
    return centre, near


@lru_cache(maxsize=256)
def _step(model: str, read: tuple[int, ...], near: int, seed: int, rate: float) -> Step:
    glass = get_model(model)
    assert isinstance(glass.model, Word2Vec)
    return take_step(glass.model, read, near, draw_noise(tokenizer_of(glass), NOISE, seed), rate)


def _look_at_pair(key: str, centre: int, step: Step) -> None:
    """Explain the neighbour's number, unless the reader looks at another one of the step."""
    state = st.session_state
    if not state.site or state.row != centre or state.column not in step.words:
        state.update(site=key, row=centre, column=step.words[0])


def _model_of(way: str, model: str) -> str | None:
    """The first model that reads one word, or several, in the language of a model."""
    family, language = "word2vec" if way == "skip" else "word2vec-cbow", language_of(model)
    alike = (name for name in model_names(PAGE) if language_of(name) == language)
    return next((name for name in alike if family_of(name) == family), None)


def _handlers(step: Step, key: str, centre: int, near: int) -> Mapping[str, Hear]:
    state = st.session_state

    def pair(sent: Any) -> None:
        row = hearing.whole(sent, "row")
        PAIR.choose((row, -1) if hearing.word(sent, "name") == "centre" else (centre, row))
        state.update(site="", row=None, column=None, trail="")

    def way(sent: Any) -> None:
        if (name := _model_of(hearing.word(sent, "name"), state.model)) is not None:
            state.update(model=name, site="", row=None, column=None, trail="", opened=PAGE)

    def look(sent: Any) -> None:
        number = hearing.whole(sent, "number", below=len(step.words))
        state.update(site=key, row=centre, column=step.words[number], trail="")

    def window(sent: Any) -> None:
        REACH.choose(min(WIDEST, max(1, round(hearing.real(sent, "reach")))))

    def seed(sent: Any) -> None:
        SEED.choose(max(1, round(hearing.real(sent, "seed"))))

    def rate(sent: Any) -> None:
        if (chosen := hearing.word(sent, "rate")) in RATES:
            RATE.choose(chosen)

    return {"pair": pair, "way": way, "look": look, "window": window, "seed": seed, "rate": rate}
