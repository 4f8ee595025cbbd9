"""One head, told stage by stage: the live numbers of a chosen row and column, as LaTeX and as a table of terms.

Letters: Q query position, K key position, D d_model, E d_head.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.head_values import HeadValues
from figures.labels import MINUS, number

Array = NDArray[Any]
STAGES = ("q", "scores_raw", "scores_scaled", "scores", "weights", "z")
MOST_TERMS = 10


@dataclass(frozen=True)
class Term:
    """One line of the table: a label, the numbers of its columns as text, and a bar from -1 to 1.

    Attributes:
        key: the text of the label by name, where it is a word of the app ("total", "others"), else "".
        mark: whether this is the line the formula speaks of.
    """

    label: str
    numbers: tuple[str, ...]
    bar: float
    key: str = ""
    mark: bool = False


@dataclass(frozen=True)
class Story:
    """What is said about one stage: the formula in letters, the same in numbers, and its terms.

    Attributes:
        columns: names of the table's number columns, keys of the app's text.
        dimension: of the vector, where only one of its numbers is told, the largest; else None.
    """

    stage: str
    symbols: str
    numbers: str
    columns: tuple[str, ...]
    terms: tuple[Term, ...]
    dimension: int | None = None


def tell(stage: str, values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    """Return the story of one stage for query `row` and key `column`; `keys` names the keys."""
    tellers = {
        "q": _tell_query,
        "scores_raw": _tell_raw,
        "scores_scaled": _tell_scaled,
        "scores": _tell_masked,
        "weights": _tell_weights,
        "z": _tell_output,
    }
    return tellers[stage](values, row, column, keys)


def _tell_query(values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    e = int(np.abs(values.q[row]).argmax())
    factors, weights = values.x[row].astype(np.float64), values.W_Q[:, e].astype(np.float64)
    terms = _products(factors, weights, [f"d = {d}" for d in range(len(factors))])
    rest = [] if values.b_Q is None else [_sum_term("b", float(values.b_Q[e]), factors * weights)]
    b_q, b_k, b_v = (" + b^Q_e", " + b^K", " + b^V") if rest else ("", "", "")
    return Story(
        "q",
        rf"q_{{i,e}} = \sum_{{d}} x_{{i,d}}\, W^Q_{{d,e}}{b_q} \qquad k_j = x_j W^K{b_k} \qquad v_j = x_j W^V{b_v}",
        rf"q_{{{row},{e}}} = {_sum_of(terms)} = {_latex(values.q[row, e])}",
        ("term.x", "term.w_q", "term.product"),
        (*terms, *rest, _total(values.q[row, e], 3)),
        dimension=e,
    )


def _tell_raw(values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    q, k = values.q[row].astype(np.float64), values.k[column].astype(np.float64)
    terms = _products(q, k, [f"e = {e}" for e in range(len(q))])
    return Story(
        "scores_raw",
        r"s_{ij} = q_i \cdot k_j = \sum_{e} q_{i,e}\, k_{j,e}",
        rf"s_{{{row},{column}}} = {_sum_of(terms)} = {_latex(values.scores_raw[row, column])}",
        ("term.q", "term.k", "term.product"),
        (*terms, _total(values.scores_raw[row, column], 3)),
    )


def _tell_scaled(values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    raw, scaled, root = values.scores_raw[row], values.scores_scaled[row], math.sqrt(values.d_head)
    terms = [(number(float(r)), number(float(s))) for r, s in zip(raw, scaled, strict=True)]
    return Story(
        "scores_scaled",
        r"s'_{ij} = \frac{s_{ij}}{\sqrt{d_{head}}}",
        rf"s'_{{{row},{column}}} = \frac{{{_latex(raw[column])}}}{{\sqrt{{{values.d_head}}}}} = "
        rf"\frac{{{_latex(raw[column])}}}{{{_latex(root)}}} = {_latex(scaled[column])}",
        ("term.raw", "term.scaled"),
        _per_key(keys, terms, scaled, column),
    )


def _tell_masked(values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    scaled, scores, mask = values.scores_scaled[row], values.scores[row], values.mask[row]
    terms = [
        (number(float(s)), "✓" if m else "×", number(float(o))) for s, m, o in zip(scaled, mask, scores, strict=True)
    ]
    added = "0" if mask[column] else r"(-\infty)"
    return Story(
        "scores",
        r"m_{ij} = s'_{ij} + \begin{cases} 0 & M_{ij} = \mathrm{T} \\ -\infty & M_{ij} = \mathrm{F} \end{cases}",
        rf"m_{{{row},{column}}} = {_latex(scaled[column])} + {added} = {_latex(scores[column])}",
        ("term.scaled", "term.allowed", "term.masked"),
        _per_key(keys, terms, np.where(mask, scores, 0.0), column),
    )


def _tell_weights(values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    scores = values.scores[row].astype(np.float64)
    exponentials = np.exp(scores - scores.max())
    terms = [
        (number(float(s)), number(float(e)), number(float(w)))
        for s, e, w in zip(scores, exponentials, values.weights[row], strict=True)
    ]
    top, total = _latex(scores.max()), _latex(exponentials.sum())
    return Story(
        "weights",
        r"w_{ij} = \frac{e^{\,m_{ij} - \max_l m_{il}}}{\sum_{l} e^{\,m_{il} - \max_l m_{il}}}",
        rf"w_{{{row},{column}}} = \frac{{e^{{{_latex(scores[column])} - ({top})}}}}{{{total}}} = "
        rf"\frac{{{_latex(exponentials[column])}}}{{{total}}} = {_latex(values.weights[row, column])}",
        ("term.masked", "term.exp", "term.weight"),
        (
            *_per_key(keys, terms, values.weights[row], column, reach=1.0),
            Term("", ("", number(float(exponentials.sum())), number(float(values.weights[row].sum()))), 0.0, "total"),
        ),
    )


def _tell_output(values: HeadValues, row: int, column: int, keys: Sequence[str]) -> Story:
    e = int(np.abs(values.z[row]).argmax())
    weights, entries = values.weights[row].astype(np.float64), values.v[:, e].astype(np.float64)
    terms = _products(weights, entries, list(keys))
    return Story(
        "z",
        r"z_{i,e} = \sum_{j} w_{ij}\, v_{j,e}",
        rf"z_{{{row},{e}}} = {_sum_of(terms)} = {_latex(values.z[row, e])}",
        ("term.weight", "term.v", "term.product"),
        (*terms, _total(values.z[row, e], 3)),
        dimension=e,
    )


def _products(left: Array, right: Array, labels: Sequence[str]) -> tuple[Term, ...]:
    """The largest products first, the rest as one line, so that the lines add up to the total."""
    products = left * right
    order = np.argsort(-np.abs(products), kind="stable")
    shown, rest = order[:MOST_TERMS], order[MOST_TERMS:]
    reach = float(np.abs(products).max()) or 1.0
    terms = [
        Term(labels[i], tuple(number(float(x)) for x in (left[i], right[i], products[i])), float(products[i]) / reach)
        for i in shown
    ]
    if len(rest):
        terms.append(_sum_term(str(len(rest)), float(products[rest].sum()), products, "others"))
    return tuple(terms)


def _sum_term(label: str, value: float, products: Array, key: str = "") -> Term:
    """A line without factors of its own; its bar is drawn to the scale of the products, as far as it goes."""
    reach = float(np.abs(products).max()) or 1.0
    return Term(label, ("", "", number(value)), max(-1.0, min(1.0, value / reach)), key)


def _per_key(
    keys: Sequence[str], terms: Sequence[tuple[str, ...]], bars: Array, column: int, reach: float | None = None
) -> tuple[Term, ...]:
    largest = reach or float(np.abs(bars).max()) or 1.0
    return tuple(
        Term(key, term, float(bar) / largest, mark=j == column)
        for j, (key, term, bar) in enumerate(zip(keys, terms, bars, strict=True))
    )


def _total(value: float, n_columns: int) -> Term:
    return Term("", (*[""] * (n_columns - 1), number(float(value))), 0.0, "total")


def _sum_of(terms: Sequence[Term]) -> str:
    """The first three terms, then dots."""
    first = [_latex_text(term.numbers[-1]) for term in terms[:3]]
    text = " + ".join(f"({n})" if n.startswith("-") else n for n in first)
    return text + (r" + \dots" if len(terms) > 3 else "")


def _latex(x: float) -> str:
    return _latex_text(number(float(x)))


def _latex_text(text: str) -> str:
    text = text.replace(MINUS, "-").replace("∞", r"\infty")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text
