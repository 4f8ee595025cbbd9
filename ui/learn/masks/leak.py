"""The question of the mask, settled in the open: add minus infinity before the softmax, or multiply by 0 after it?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import number, plain_rows
from figures.base.theme import Mode, theme
from figures.learn.mask_leak import Leak, Masked, leak, mask_both_ways, masked_matrix, other_word
from transformer_core.glass.capture import as_batch, run_with_trace
from transformer_core.glass.formula.kinds import Masked as MaskedScores
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.sites import find_site
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, logits_key, with_role
from ui.frame.text import dotted, escape, t
from ui.frame.wording import row_title
from ui.learn.masks.runs import ids_of
from ui.parts.charts import apart, heading, heat, side_row, side_ticks
from ui.parts.focus import follow_picture
from ui.state.both_runs import of_runs, say_look, say_runs, tell
from ui.state.models import Asked, edits_of, get_model, get_trace, word_of
from ui.state.session import identify_run, mode, path_of
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

Scores = dict[str, NDArray[Any]]
PAGE = "attention"
ROUNDING = 1e-4  # how far the run's weights, in float32, may be from those that are worked out here
_ADDED, _MULTIPLIED = (
    r"\mathrm{{softmax}}\left({s} + \begin{{cases}} 0 \\ -\infty \end{{cases}}\right)",
    r"\mathrm{{softmax}}({s}) \cdot \begin{{cases}} 1 \\ 0 \end{{cases}}",
)


def show_mask_leak(view: View, trace: Trace) -> None:
    """Draw the weights of the chosen head under both ways to mask, and tell what the second one lets through."""
    lang, path = view.lang, _blocking(view, trace)
    st.divider()
    heading(t("mask_leak.title", lang), dotted("mask_leak.look", lang))
    if not path:
        st.markdown(dotted("mask_leak.nothing_edited" if trace.edits else "mask_leak.nothing", lang))
        return
    if path != path_of(view):
        st.markdown(dotted("mask_leak.elsewhere", lang, here=path_of(view), path=path, head=view.head))
    asked = identify_run(view)
    if not _as_the_model(asked.edited, path, view.head):
        st.caption(dotted("mask_leak.not_the_model", lang))
    say_runs(view, "outlined_sums")
    keys, formulas = ("mask_added", "mask_multiplied"), (_ADDED, _MULTIPLIED)
    titles = (t("mask_leak.added", lang), t("mask_leak.multiplied", lang))
    # What a cell leads to: the model's own weight, the score it had at first.
    made_of = f"{path}.weights", unmasked_key(trace.plan, path)
    symbol = _masking(trace.plan, path).symbol.removesuffix("_{i,j}")  # of all scores, as a matrix
    for way, place in enumerate(st.columns(2)):

        def opened(row: int, column: int, key: str = made_of[way]) -> None:
            follow_picture(trace, PAGE, key, (view.head, row, column))

        with place:
            st.markdown(dotted("mask_leak.multiplied" if way else "mask_leak.added", lang))
            st.latex(formulas[way].format(s=symbol))
            matrix = _one_way(asked, path, view.head, way, lang, mode())
            say_look(view, matrix)
            heat(matrix, keys[way], titles[way], view, opened)
    tell(view, lambda run: _lost(get_trace(run), _masked(run, path, view.head), lang))
    tell(view, lambda run: _leaked(run, path, view.head, lang))


def causal_blocks(plan: Plan) -> tuple[Block, ...]:
    """Return the attention blocks whose queries see no later position."""
    return tuple(block for block in with_role(plan, "attention") if attention_facts(block).causal)


def unmasked_key(plan: Plan, path: str) -> str:
    """Return the key of the scores of an attention block as they are before its mask."""
    return _masking(plan, path).sites[0]


def _masking(plan: Plan, path: str) -> MaskedScores:
    """How an attention block masks its scores."""
    formula = find_site(plan, f"{path}.scores").formula
    assert isinstance(formula, MaskedScores)
    return formula


def _blocking(view: View, trace: Trace) -> str:
    """The path of the causal attention in the view's layer, or the last it has; "" if it blocks nothing."""
    causal = causal_blocks(trace.plan)
    if not causal:
        return ""
    path = causal[min(view.layer or 0, len(causal) - 1)].path
    return "" if trace[f"{path}.mask"].all() else path


def _as_the_model(asked: Asked, path: str, head: int) -> bool:
    """Whether the first way gives the run's own weights: an edit may have put others in their place."""
    apart_ = np.abs(get_trace(asked)[f"{path}.weights"][head] - _masked(asked, path, head).added)
    return bool(apart_.max() < ROUNDING)


@kept_with_run
def _one_way(asked: Asked, path: str, head: int, way: int, lang: str, mode: Mode) -> Matrix:
    trace = get_trace(asked)
    side = trace.site(f"{path}.mask").sides[0]
    rows, columns = side_ticks(trace, side, mode), side_ticks(trace, side, mode, reads=True)
    axes = Axes(
        rows,
        columns,
        row_title("Q", side, asked.model, lang),
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
    return mask_both_ways(trace[unmasked_key(trace.plan, path)][head], trace[f"{path}.mask"])


def _lost(trace: Trace, masked: Masked, lang: str) -> str:
    row = int(masked.lost.argmax())
    return t(
        "mask_leak.lost",
        lang,
        row=side_row(trace, causal_blocks(trace.plan)[0].words, row),
        lost=number(100 * float(masked.lost[row]), 2),
        left=number(float(masked.multiplied[row].sum())),
        difference=apart(masked.renormalised_difference()),
    )


@kept_with_run
def _leaked(asked: Asked, path: str, head: int, lang: str) -> str:
    """What changes in the past when the later word is another one at which the blocked rows had peeked most."""
    trace, before = get_trace(asked), _masked(asked, path, head)
    position = 1 + int(before.peeked[1:].argmax())  # no row stands above the first
    word, scores = with_another_word(asked, position)
    found: Leak = leak(before, mask_both_ways(scores[path][head], before.allowed), position)
    side = str(trace.site(f"{path}.mask").sides[0])
    labels = [escape(label) for label in plain_rows(trace.words_of(side).read)]
    return t(
        "mask_leak.leaked_ahead" if trace.breaks_causality else "mask_leak.leaked",
        lang,
        old=labels[position],
        new=escape(word),
        row=side_row(trace, side, found.row),
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
    source, ids = ids_of(trace)
    assert ids is not None
    words = causal_blocks(trace.plan)[0].words
    special = trace.plan.words(words).special
    ids[position] = other_word(trace[logits_key(trace.plan)][position - 1], (ids[position], *special))
    edit = glass.listener(edits_of(asked))
    pair = None if source is None else as_batch(source), as_batch(ids)
    again = run_with_trace(glass.model, source, ids, edit=None if edit is None else edit(*pair))
    word, paths = word_of(asked.model)(ids[position]).text, [block.path for block in causal_blocks(trace.plan)]
    # Copies: a view would keep the tensor it looks into, and these outlive the run.
    return word, {path: again[unmasked_key(trace.plan, path)].copy() for path in paths}
