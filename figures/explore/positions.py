"""What positions add to words, how alike they are, and what another order of the words changes.

Letters: L position, D d_model, S source position.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, scores_matrix
from figures.base.labels import number, visible_ticks
from figures.base.row_charts import LETTERS, at_longer_ends
from figures.base.theme import Theme
from figures.base.wire import flagged, packed
from transformer_core.glass.formula.cells import Cell, taken
from transformer_core.glass.formula.operations import SUM
from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import embedding_facts, key_of

Array = NDArray[Any]
ROW, MARGIN, MAX_HEIGHT = 44, 110, 900  # pixels of a word with its bars, beside them, and of all
MAX_NUMBERED = 16  # words up to which each bar has its number


def position_curves(trace: Trace, embedding: Block, dimension: int | None) -> dict[str, Any]:
    """Return the positions of a sentence as curves along the positions, one pair of dimensions at a time.

    Args:
        trace: of any model.
        embedding: the embedding of a side.
        dimension: which to begin with; None for one whose wave is as long as the sentence.

    Returns:
        kind: "sinusoidal" or "learned"; d_model; length: of the longest sentence; dimension; side, tokens: of the
        positions; values: what was added to them [L, D]; table: the learned table [length, D], else empty.
    """
    facts, words = embedding_facts(embedding), trace.words_of(embedding.words).read
    learned, width = facts.positions == "learned", trace.plan.size("D")
    start = (0 if learned else one_turn(len(words), width)) if dimension is None else dimension
    return {
        "kind": facts.positions,
        "d_model": width,
        "length": facts.length,
        "dimension": start,
        "side": embedding.words,
        "tokens": flagged(words),
        "values": packed(trace[key_of(embedding, "pos")]),
        "table": packed(trace.parameters[key_of(embedding, "W_pos")]) if learned else "",
    }


def one_turn(n_positions: int, d_model: int) -> int:
    """Return the even dimension whose sine turns round about once in a sentence of so many positions."""
    turns = 2 * math.pi * 10000.0 ** (np.arange(0, d_model, 2) / d_model)  # positions that one turn takes, [D/2]
    return 2 * int(np.abs(np.log(turns / n_positions)).argmin())


def cosine_similarity(rows: Array) -> Array:
    """Return the cosine of the angle between every two rows; 0 where a row has no length.

    Shapes: rows [L, D] -> [L, L].
    """
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    directions = rows / np.where(lengths > 0, lengths, 1.0)
    similarity: Array = np.clip(directions @ directions.T, -1.0, 1.0)
    return similarity


def cosine_cell(rows: Array, key: str, i: int, j: int) -> Cell:
    """Return how the cosine of two rows of the value `key` comes to be: its terms add up to it.

    Shapes: rows [L, D].
    """
    x, y = (taken(symbol, rows, key, (row, None)) for symbol, row in (("x_d", i), ("y_d", j)))
    length = float(np.linalg.norm(x.values) * np.linalg.norm(y.values)) or 1.0
    terms = x.values * y.values / length
    total = float(terms.sum())
    return Cell(key, (i, j), SUM, "D", terms, (x, y), (), total, total)


def similarity_matrix(similarity: Array, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of cosines, -1 to 1 whatever the data.

    Shapes: similarity [L, L].
    """
    return replace(scores_matrix(similarity, None, axes, colours), low=-1.0, high=1.0)


def in_one_range(maps: Mapping[str, Matrix]) -> dict[str, Matrix]:
    """Return heatmaps of signed numbers with the colours of one range, zero in the middle."""
    reach = max(float(np.abs(matrix.values).max()) for matrix in maps.values()) or 1.0
    return {name: replace(matrix, low=-reach, high=reach) for name, matrix in maps.items()}


def distances_bars(
    distances: Mapping[str, Array],
    labels: Sequence[str],
    title: str,
    value: str,
    colours: Theme,
    before: Mapping[str, Array] | None = None,
) -> go.Figure:
    """Return bars of how far each word's vector is moved, one colour per case; a few words have the numbers on them.

    Args:
        distances: [S] by the name of the case; two of them.
        labels: of the words, already safe.
        title: of the axis of the words.
        value: of the axis of the distances.
        colours: of the mode.
        before: the same of another run, by names of their own, drawn as outlines.
    """
    edge = {"color": "rgba(0, 0, 0, 0)", "line": {"color": colours.text, "width": 1.5}}
    # A bar of no length is still a line.
    filled = [{"color": one, "line": {"color": one, "width": 1.5}} for one in (colours.positive, colours.negative)]
    drawn, outlines = [], []
    for i, (name, lengths) in enumerate(distances.items()):
        texts = [number(float(length), 2) for length in lengths]
        if before:
            other, then = list(before.items())[i]
            texts, others = at_longer_ends(texts, [number(float(one), 2) for one in then], lengths, then)
            outlines.append(_distances(other, then, others, labels, edge, i))
        drawn.append(_distances(name, lengths, texts, labels, filled[i], i))
    return go.Figure([*drawn, *outlines], _bars_layout(labels, title, value, two=bool(before)))


def _distances(
    name: str, lengths: Array, texts: Sequence[str], labels: Sequence[str], marker: dict[str, Any], group: int
) -> go.Bar:
    return go.Bar(
        name=name,
        orientation="h",
        offsetgroup=str(group),
        x=lengths.astype(np.float32),
        text=texts,
        textposition="outside" if len(labels) <= MAX_NUMBERED else "none",
        textfont={"size": 14},
        constraintext="none",  # else the numbers would be as small as the bars are thin
        cliponaxis=False,
        customdata=list(zip(labels, (number(float(length), 2) for length in lengths), strict=True)),
        hovertemplate=f"%{{customdata[0]}}<br>{name}: %{{customdata[1]}}<extra></extra>",
        marker=marker,
    )


def _bars_layout(labels: Sequence[str], title: str, value: str, *, two: bool) -> dict[str, Any]:
    n, shown = len(labels), visible_ticks(len(labels))
    ticks = {"tickvals": shown, "ticktext": [labels[i] for i in shown], "tickfont": {"size": 15}}
    return {
        "height": min(MAX_HEIGHT, MARGIN + ROW * n),
        "margin": {"l": 10, "r": 60 + 40 * two, "t": 10, "b": 10},  # on the right the longest bar's number
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 15}},
        "dragmode": False,
        "bargap": 0.25,
        "xaxis": {
            "title": {"text": value, "font": LETTERS},
            "automargin": True,
            "rangemode": "tozero",
            "tickfont": LETTERS,
        },
        "yaxis": {
            "title": {"text": title, "font": LETTERS},
            "automargin": True,
            "showgrid": False,
            "range": [n - 0.5, -0.5],
            **ticks,
        },
    }
