"""The question of the mask, settled in the open: add minus infinity before the softmax, or multiply by 0 after it?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from figures.labels import number, plain_rows
from figures.mask_leak import Leak, Masked, leak, mask_both_ways, masked_matrix, other_word
from figures.matrix import Axes, Matrix
from figures.theme import Mode, theme
from transformer_core.decoding.checks import as_batch
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace
from ui.both_runs import of_runs, say_look, say_runs, tell
from ui.extras import apart, head, heat, ticks, told_row
from ui.focus import follow_picture
from ui.models import Asked, edits_of, get_model, get_trace
from ui.session import asked_for, mode
from ui.text import escape, t
from ui.view import View

Scores = dict[str, NDArray[Any]]
DECODER = "decoder"
PAGE = "attention"
ROUNDING = 1e-4  # how far the run's weights, in float32, may be from those that are worked out here
_ADDED, _MULTIPLIED = (
    r"\mathrm{softmax}\left(s' + \begin{cases} 0 \\ -\infty \end{cases}\right)",
    r"\mathrm{softmax}(s') \cdot \begin{cases} 1 \\ 0 \end{cases}",
)


def show_mask_leak(view: View, trace: Trace) -> None:
    """Draw the weights of the chosen head under both ways to mask, and tell what the second one lets through."""
    lang, path = view.lang, _blocking(view, trace)
    st.divider()
    head(t("mask_leak.title", lang), t("mask_leak.look", lang))
    if not path:
        st.markdown(t("mask_leak.nothing_edited" if trace.edits else "mask_leak.nothing", lang))
        return
    if path != view.path:
        st.markdown(t("mask_leak.elsewhere", lang, here=view.path, path=path, head=view.head))
    asked = asked_for(view)
    if not _as_the_model(asked.edited, path, view.head):
        st.caption(t("mask_leak.not_the_model", lang))
    say_runs(view, "outlined_sums")
    keys, formulas = ("mask_added", "mask_multiplied"), (_ADDED, _MULTIPLIED)
    titles = (t("mask_leak.added", lang), t("mask_leak.multiplied", lang))
    made_of = ("weights", "scores_scaled")  # what a cell leads to: the model's own weight, the score it had at first
    for way, place in enumerate(st.columns(2)):

        def opened(row: int, column: int, key: str = f"{path}.{made_of[way]}") -> None:
            follow_picture(trace, PAGE, key, (view.head, row, column))

        with place:
            st.markdown(titles[way])
            st.latex(formulas[way])
            matrix = _one_way(asked, path, view.head, way, lang, mode())
            say_look(view, matrix)
            heat(matrix, keys[way], titles[way], view, opened)
    tell(view, lambda run: _lost(get_trace(run), _masked(run, path, view.head), lang))
    tell(view, lambda run: _leaked(run, path, view.head, lang))


def _blocking(view: View, trace: Trace) -> str:
    """The path of the decoder's self-attention in the view's layer, or the last it has; "" if it blocks nothing."""
    config = trace.config
    if not config.has_decoder:
        return ""
    path = f"{DECODER}.{min(view.layer or 0, config.n_decoder_layers - 1)}.self_attn"
    return "" if trace[f"{path}.mask"].all() else path


def _as_the_model(asked: Asked, path: str, head: int) -> bool:
    """Whether the first way gives the run's own weights: an edit may have put others in their place."""
    apart_ = np.abs(get_trace(asked)[f"{path}.weights"][head] - _masked(asked, path, head).added)
    return bool(apart_.max() < ROUNDING)


@lru_cache(maxsize=32)
def _one_way(asked: Asked, path: str, head: int, way: int, lang: str, mode: Mode) -> Matrix:
    trace = get_trace(asked)
    rows, columns = ticks(trace, DECODER, mode), ticks(trace, DECODER, mode, reads=True)
    axes = Axes(
        rows,
        columns,
        t("axis.Q_target", lang),
        t("axis.K", lang),
        t("mask_leak.weight", lang),
        t("value.blocked", lang),
    )

    def of_run(run: Asked) -> Matrix:
        masked = _masked(run, path, head)
        weights = (masked.added, masked.multiplied)[way]
        return masked_matrix(weights, masked.allowed, axes, t("mask_leak.total", lang), theme(mode))

    return of_runs(asked, of_run, lang, mode)


def _masked(asked: Asked, path: str, head: int) -> Masked:
    trace = get_trace(asked)
    return mask_both_ways(trace[f"{path}.scores_scaled"][head], trace[f"{path}.mask"])


def _lost(trace: Trace, masked: Masked, lang: str) -> str:
    row = int(masked.lost.argmax())
    return t(
        "mask_leak.lost",
        lang,
        row=told_row(trace, DECODER, row),
        lost=number(100 * float(masked.lost[row]), 2),
        left=number(float(masked.multiplied[row].sum())),
        difference=apart(masked.renormalised_difference()),
    )


@lru_cache(maxsize=64)
def _leaked(asked: Asked, path: str, head: int, lang: str) -> str:
    """What changes in the past when the later word is another one at which the blocked rows had peeked most."""
    trace, before = get_trace(asked), _masked(asked, path, head)
    position = 1 + int(before.peeked[1:].argmax())  # no row stands above the first
    word, scores = with_another_word(asked, position)
    found: Leak = leak(before, mask_both_ways(scores[path][head], before.allowed), position)
    labels = [escape(label) for label in plain_rows(trace.target_tokens)]
    return t(
        "mask_leak.leaked_ahead" if trace.breaks_causality else "mask_leak.leaked",
        lang,
        old=labels[position],
        new=escape(word),
        row=told_row(trace, DECODER, found.row),
        column=labels[found.column],
        added=number(found.added[0], 4),
        added_then=number(found.added[1], 4),
        multiplied=number(found.multiplied[0], 4),
        multiplied_then=number(found.multiplied[1], 4),
        most=apart(found.added_most),
    )


@lru_cache(maxsize=16)
def with_another_word(asked: Asked, position: int) -> tuple[str, Scores]:
    """Run the model again with another word at a position that the decoder reads.

    Return that word, the most probable one of all others, and the scores of every self-attention block before the mask.
    """
    trace, glass = get_trace(asked), get_model(asked.model)
    config, ids = trace.config, trace["tgt_embed.tokens"].tolist()
    special = (config.pad_id, config.bos_id, config.eos_id)
    ids[position] = other_word(trace["head.logits"][position - 1], (ids[position], *special))
    source = trace["src_embed.tokens"].tolist() if config.has_encoder else None
    edit = glass.listener(edits_of(asked))
    pair = as_batch(glass.model, source), torch.tensor([ids], device=glass.model.head.W.device)
    again = run_with_trace(glass.model, source, ids, edit=None if edit is None else edit(*pair))
    assert glass.target_tokenizer is not None
    word = str(glass.target_tokenizer.pieces([ids[position]])[0])
    paths = [f"{DECODER}.{i}.self_attn" for i in range(config.n_decoder_layers)]
    # Copies: a view would keep the tensor it looks into, and these outlive the run.
    return word, {path: again[f"{path}.scores_scaled"].copy() for path in paths}
