"""One cell, told: its formula in letters and in numbers, and the terms that make it, the largest first.

Plain data for the panel: formulas in LaTeX, numbers as text, and for each number the cell that it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from latex2mathml.converter import convert
from numpy.typing import NDArray

from figures.base.labels import MINUS, number
from transformer_core.glass.formula.cells import Cell, Input
from transformer_core.glass.formula.operations import SOFTMAX, SUM
from transformer_core.glass.formula.telling import largest_terms

Array = NDArray[Any]
MATHML = "http://www.w3.org/1998/Math/MathML"
_ENTITY = re.compile(r"&#x([0-9A-F]{5});")
_ALONE = re.compile(r"<mrow>(<m[in]>[^<]*</m[in]>)</mrow>")  # a row of one letter or number is that alone
MOST_TERMS = 10  # lines of their own; the others are one line, so that the lines add up
MAX_INTEGER = 10**6  # below it an integer is written out
# What a term is called: from the letter of the axis along which the terms run, and the position on it.
Labels = Callable[[str, int], str]


def explain(cell: Cell, latex: str, label: Labels) -> dict[str, Any]:
    """Return what the panel shows of a cell.

    Args:
        cell: from `transformer_core.glass.formulas`.
        latex: the formula in letters.
        label: names the terms.

    Returns:
        symbols, numbers: LaTeX; columns, last: the same, heads of the number columns, "" where the terms need none;
        rows: of the table, each with its label, numbers, bar (-1 to 1; none where it is no summand), and whether it is
        marked; value: the cell's number.
    """
    return {
        "symbols": latex,
        "numbers": _numbers(cell),
        "columns": [factor.symbol for factor in cell.factors],
        "last": "e^{(\\dots)}" if cell.operation is SOFTMAX else "",
        "rows": _rows(cell, label),
        "value": exact(cell.value, 4),
    }


@lru_cache(maxsize=1024)
def mathml(latex: str) -> str:
    """Return a formula as MathML, which browsers draw by themselves, without what an HTML page knows anyway."""
    made = _ENTITY.sub(_character, convert(latex)).replace(f' xmlns="{MATHML}" display="inline"', "")
    return _ALONE.sub(r"\1", made)


def _character(entity: re.Match[str]) -> str:
    character = chr(int(entity[1], 16))
    return entity[0] if character in "<>&\"'" else character


def _rows(cell: Cell, label: Labels) -> list[dict[str, Any]]:
    order = largest_terms(cell, MOST_TERMS).tolist()
    mark = cell.index[-1] if cell.operation is SOFTMAX else None
    if mark is not None and mark not in order:
        order = [*order[:-1], mark]
    others = np.delete(np.arange(len(cell.values)), order)
    sizes = np.abs(np.concatenate([cell.values, [single.values[0] for single in _summands(cell)]]))
    finite = sizes[np.isfinite(sizes)]
    reach = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    rows = [_term(cell, i, label, reach, i == mark) for i in order]
    if len(others):
        value = float(cell.values[others].sum())
        rows.append({"others": len(others), "numbers": [*_blank(cell), _plain(value)], "bar": _bar(value, reach)})
    summands = [id(single) for single in _summands(cell)]
    for single in cell.singles:
        value = float(single.values[0])
        bar = _bar(value, reach) if id(single) in summands else None
        rows.append({"symbol": single.symbol, "numbers": [*_blank(cell), _linked(single, 0)], "bar": bar})
    return rows


def _term(cell: Cell, i: int, label: Labels, reach: float, mark: bool) -> dict[str, Any]:
    value = float(cell.values[i])
    numbers = [_linked(factor, i) for factor in cell.factors]
    return {"label": label(cell.axis, i), "numbers": [*numbers, _plain(value)], "bar": _bar(value, reach), "mark": mark}


def _summands(cell: Cell) -> Sequence[Input]:
    """The single numbers that are terms of a sum themselves, as a bias is: they belong into the same bar chart."""
    if cell.operation is not SUM:
        return ()
    return [single for single in cell.singles if not cell.axis or single.summand]


def _blank(cell: Cell) -> list[dict[str, Any]]:
    return [{"text": ""} for _ in cell.factors]


def _plain(value: float) -> dict[str, Any]:
    return {"text": exact(value)}


def exact(value: float, digits: int = 3) -> str:
    """Return a number as a reader would write it; an integer without decimals, as ids and positions are."""
    if abs(value) < MAX_INTEGER and value == int(value):
        return str(int(value)).replace("-", MINUS)
    return number(value, digits)


def _linked(source: Input, i: int) -> dict[str, Any]:
    text = _plain(float(source.values[i]))
    if not source.key:
        return text
    return {**text, "key": source.key, "index": source.cell(i)}


def _bar(value: float, reach: float) -> float:
    return round(max(-1.0, min(1.0, value / reach)), 5) if np.isfinite(value) else 0.0


def _numbers(cell: Cell) -> str:
    """The formula with the numbers of this cell in it."""
    return f"= {cell.operation.tell(cell, _tex)}"


def _tex(x: float) -> str:
    text = exact(float(x)).replace(MINUS, "-").replace("∞", r"\infty")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text
