"""A beam search as plain data for our own component: every branch, what became of it, and what it would say next.

Letters: H heads, T written word, S source word.
"""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from figures.base.heatmaps.matrix import Axes, Matrix, scores_matrix
from figures.base.theme import Theme
from figures.base.wire import WordOf, flagged
from figures.decode.unfold import DIGITS, candidates
from transformer_core.decoding.beam_tree import BeamStep, BeamTree, Branch
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of, with_role

TOP = 5  # words that a branch tells as its next


def beam_tree(tree: BeamTree, word_of: WordOf) -> dict[str, Any]:
    """Return a search as its page draws it.

    Args:
        tree: of a search.
        word_of: the readable piece of an id.

    Returns:
        width, penalty, ended; n_steps; start: the most probable first words; branches by number: parent, step, rank,
        text, special, p, total, score, fate, next (the most probable words behind it, None where it was not read);
        finished: for each step the sentences so far, best first, with branch, total, score.
    """
    behind = {number: _next(step, number, word_of) for step in tree.steps for number in step.live}
    return {
        "width": tree.rule.width,
        "penalty": tree.rule.length_penalty,
        "ended": tree.ended,
        "n_steps": len(tree.steps),
        "start": behind.get(None, []),
        "branches": [_branch(branch, behind.get(branch.number), word_of) for branch in tree.branches],
        "finished": [_finished(step) for step in tree.steps],
    }


def looked_at(trace: Trace) -> list[float]:
    """Return what the last row of a trace looked at in the source, or looking back where there is none.

    Shapes: weights [H, T, S] of the last layer -> [S], mean of the heads.
    """
    attending = with_role(trace.plan, "attention")
    crossing = [block for block in attending if block.memory] or list(attending)
    weights = trace[key_of(crossing[-1], "weights")][:, -1].mean(axis=0)
    shares: list[float] = np.round(weights.astype(np.float64), DIGITS).tolist()
    return shares


def _next(step: BeamStep, number: int | None, word_of: WordOf) -> list[dict[str, Any]]:
    best = candidates(step.probs_behind(number), word_of)[:TOP]
    return [{"text": one["word"], "special": one["special"], "p": one["p"]} for one in best]


def _branch(branch: Branch, behind: list[dict[str, Any]] | None, word_of: WordOf) -> dict[str, Any]:
    return {
        "parent": branch.parent,
        "step": branch.step,
        "rank": branch.rank,
        **flagged([word_of(branch.token)])[0],
        "p": round(float(np.exp(branch.log_prob)), DIGITS),
        "total": round(branch.total, DIGITS),
        "score": round(branch.score, DIGITS),
        "fate": branch.fate,
        "next": behind,
    }


def _finished(step: BeamStep) -> list[dict[str, Any]]:
    return [
        {"branch": one.branch, "total": round(one.total, DIGITS), "score": round(one.score, DIGITS)}
        for one in step.finished
    ]


def finished_matrix(tree: BeamTree, word_of: WordOf, names: tuple[str, str, str], colours: Theme) -> Matrix:
    """Return the finished sentences as a heatmap: their summed log-probabilities, and their scores.

    Args:
        tree: of the search.
        word_of: the readable piece of an id.
        names: of the numbers as a whole, and of both columns.
        colours: of the mode.
    """
    sentences = [html.escape(" ".join(word_of(i).text for i in found.ids), quote=False) for found in tree.finished]
    numbers = np.array([[found.total, found.score] for found in tree.finished])
    return scores_matrix(numbers, None, Axes(sentences, names[1:], "", "", names[0]), colours)
