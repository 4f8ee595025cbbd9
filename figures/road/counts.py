"""What a table of counts says of a sentence: a factor for each word, one row of it large, and curves over k.

Letters: L position, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.curves import curves_layout
from figures.base.heatmaps.matrix import Axes, Matrix, amounts_matrix
from figures.base.labels import percent
from figures.base.row_charts import LETTERS
from figures.base.theme import Theme
from figures.base.wire import WordOf
from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of, with_role

Array = NDArray[Any]
FOLLOWERS = 7  # of one row, that are drawn
PER_ROW, COLUMNS = 3, 16  # followers of each row that have a column in the map, and columns at most
DASHES = ("dot", "solid", "dash", "longdash")


@dataclass(frozen=True)
class Factor:
    """What is said of one word of a sentence.

    Attributes:
        id: of the word.
        count: how often it stood behind the words in front.
        total: how often those stood anywhere.
        p: its probability.
    """

    id: int
    count: int
    total: int
    p: float


def table_of_counts(trace: Trace) -> Block:
    """Return the block of the longest n-grams, the last to be asked."""
    return with_role(trace.plan, "table")[-1]


def told_ids(trace: Trace) -> list[int]:
    """Return the words that the sentence goes on with, its end behind the last."""
    words = trace.plan.word_lists[0]
    return [*(int(i) for i in trace[words.tokens][1:]), words.ends[0]]


def factors(trace: Trace) -> list[Factor]:
    """Return the chain of a sentence: its probability is the product."""
    table = table_of_counts(trace)
    counts, totals, probs = (trace[key_of(table, name)] for name in ("count", "total", "probs"))
    rows = enumerate(told_ids(trace))
    return [Factor(i, int(counts[row, i]), int(totals[row, 0]), float(probs[row, i])) for row, i in rows]


def least_expected(chain: Sequence[Factor]) -> int:
    """Return the place of the factor with the lowest probability."""
    return min(range(len(chain)), key=lambda place: chain[place].p)


def most_changed(chain: Sequence[Factor]) -> int:
    """Return the place of the factor that was counted, and that smoothing makes least of; where none was, the lowest.

    That is the largest jump from its share of the counts to its probability.
    """
    counted = [place for place, one in enumerate(chain) if one.count and one.total and one.p]
    share = {place: chain[place].count / chain[place].total for place in counted}
    return max(counted, key=lambda place: share[place] / chain[place].p) if counted else least_expected(chain)


def bits(chain: Sequence[Factor]) -> float:
    """Return the surprise of a whole chain in bits."""
    return -sum(math.log2(one.p) if one.p > 0 else -math.inf for one in chain)


def wire_factors(chain: Sequence[Factor], word_of: WordOf, times: str) -> list[dict[str, Any]]:
    """Return a chain as our component draws it; the bar of a factor is as high as its probability, by the logarithm.

    Args:
        chain: the factors.
        word_of: how an id is read.
        times: says a count and its total.
    """
    found = []
    for one in chain:
        word, size = word_of(one.id), 1 + math.log10(max(one.p, 1e-6)) / 6
        counted = times.format(count=f"{one.count:,}", total=f"{one.total:,}")
        told = {"counted": counted, "p": percent(one.p), "never": one.count == 0, "size": round(size, 3)}
        found.append({"word": word.text, "special": word.special, **told})
    return found


def followers(trace: Trace, row: int, word_of: WordOf) -> list[dict[str, Any]]:
    """Return the words that were seen most behind those of a row, and the word that the sentence has there."""
    table, own = table_of_counts(trace), told_ids(trace)[row]
    counts, probs = trace[key_of(table, "count")][row], trace[key_of(table, "probs")][row]
    order = [int(i) for i in np.argsort(-counts, kind="stable")[:FOLLOWERS] if counts[i] > 0]
    if own not in order:
        order = [*order[: FOLLOWERS - 1], own]
    found = []
    for i in order:
        word, p = word_of(i), round(float(probs[i]), 6)
        found.append(
            {"word": word.text, "special": word.special, "count": f"{int(counts[i]):,}", "p": p, "own": i == own}
        )
    return found


@dataclass(frozen=True)
class Mass:
    """How the probability of a row is shared out: words ever seen there, and words that never were."""

    seen: int
    never: int
    p_seen: float
    p_never: float


def mass(trace: Trace, row: int) -> Mass:
    """Return how much of the probability lies on words that were seen behind those of a row, and how much on others."""
    table = table_of_counts(trace)
    seen, probs = trace[key_of(table, "count")][row] > 0, trace[key_of(table, "probs")][row].astype(np.float64)
    return Mass(int(seen.sum()), int((~seen).sum()), float(probs[seen].sum()), float(probs[~seen].sum()))


def map_columns(trace: Trace) -> list[int]:
    """Return the words that have a column in the map: the sentence's own, and those most frequent in each row."""
    counts = trace[key_of(table_of_counts(trace), "count")]
    best = np.argsort(-counts, axis=1, kind="stable")[:, :PER_ROW]
    ranked = [int(i) for rank in range(PER_ROW) for row, i in enumerate(best[:, rank]) if counts[row, i] > 0]
    return list(dict.fromkeys([*told_ids(trace), *ranked]))[: max(COLUMNS, len(set(told_ids(trace))))]


def counts_map(trace: Trace, axes: Axes, columns: Sequence[int], says: str, never: str, colours: Theme) -> Matrix:
    """Return the map of counts, a row for each place of the sentence; what was never seen stays empty.

    Args:
        trace: of an n-gram model.
        axes: its labels.
        columns: ids of the words that have one.
        says: of a cell, with {count}.
        never: of an empty cell.
        colours: of the mode.
    """
    counts = trace[key_of(table_of_counts(trace), "count")][:, list(columns)].astype(np.float64)
    drawn = amounts_matrix(np.where(counts > 0, np.log10(1 + counts), 0.0), axes, colours)
    texts = [[_short(int(count)) for count in row] for row in counts]
    told = [[says.format(count=f"{int(count):,}") if count else never for count in row] for row in counts]
    return replace(drawn, texts=texts, says=told, bare=True, digits=None)


def _short(count: int) -> str:
    """A count that fits into a cell; nothing for 0."""
    return f"{count // 1000}k" if count >= 10_000 else str(count or "")


def smoothing_curves(
    found: Mapping[int, Sequence[float]],
    ks: Sequence[float],
    k: float | None,
    best: float,
    words: Mapping[str, str],
    colours: Theme,
) -> go.Figure:
    """Return the surprise of unseen sentences over k, a curve for each length of memory.

    Args:
        found: bits a character by order, one for each k.
        ks: what was added.
        k: the one that is chosen; None where nothing is added.
        best: what Kneser and Ney's way needs, with the longest memory.
        words: "order" with {n}, "best", "k", "bits", "tell" with {k} and {bits}.
        colours: of the mode.
    """
    inks = (colours.muted, colours.source, colours.positive, colours.target)
    tell = words["tell"].format(k="%{x:.3g}", bits="%{y:.2f}") + "<extra>%{fullData.name}</extra>"
    figure = go.Figure(layout=curves_layout(words["k"], words["bits"], colours))
    for (order, values), ink, dash in zip(found.items(), inks, DASHES, strict=False):
        line = {"color": ink, "width": 2.5, "dash": dash}
        name = words["order"].format(n=order - 1)
        figure.add_scatter(x=list(ks), y=list(values), name=name, mode="lines+markers", line=line, hovertemplate=tell)
    told = {"annotation_text": words["best"], "annotation_font": LETTERS, "annotation_position": "bottom left"}
    figure.add_hline(best, line={"color": colours.text, "width": 1.5}, **told)
    if k is not None:
        figure.add_vline(k, line={"color": colours.selected, "width": 3})
    figure.update_xaxes(type="log", tickvals=list(ks), ticktext=[f"{k:g}" if k >= 1e-4 else f"{k:.0e}" for k in ks])
    return figure
