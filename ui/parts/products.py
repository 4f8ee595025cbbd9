"""Maps of products: of a sum of products, what is multiplied stands at the left of the result and on top of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from figures.base.labels import number, plain_rows
from figures.base.theme import Mode
from figures.base.wire import packed
from figures.explore.product import Divided, product
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import Pointwise
from transformer_core.glass.formula.operations import QUOTIENT
from transformer_core.glass.formula.sums import Contraction
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site, sites_by_key
from transformer_core.glass.trace import Trace
from ui.frame.text import section
from ui.parts.maps import Map, map_matrix
from ui.state.models import Asked, get_trace
from ui.state.shared.kept import kept_with_run
from ui.state.values import Value, find_value


@dataclass(frozen=True)
class Multiplied:
    """What a value is the product of, or the product that it is divided.

    Attributes:
        left, top: keys of the two sites.
        symbols: what the formula calls their entries.
        turned: whether a column of the result takes a row of `top`.
        by: what the sum is divided by; 1 where it is not.
    """

    left: str
    top: str
    symbols: tuple[str, str]
    turned: bool
    by: float = 1.0


@lru_cache(maxsize=1024)
def multiplied(plan: Plan, key: str) -> Multiplied | None:
    """Return what a site is the product of, head by head; None where it is anything else, as a map with a bias is."""
    formula: Formula = find_site(plan, key).formula
    if isinstance(formula, Pointwise) and formula.operation is QUOTIENT:
        (_, above), (_, below) = formula.arguments
        found = multiplied(plan, above) if isinstance(above, str) and above in sites_by_key(plan) else None
        return None if found is None or isinstance(below, str) else replace(found, by=below)
    if not isinstance(formula, Contraction) or formula.bias is not None or len(formula.factors) != 2:
        return None
    left, top = formula.factors
    if any(factor.name not in sites_by_key(plan) or factor.shift for factor in formula.factors):
        return None
    own, other = left.axes.split(), top.axes.split()
    if own[:-1] != list(formula.axes[:-1]) or not own[-1].isupper() or len(other) != len(own):
        return None
    symbols = left.symbol.partition("_")[0], top.symbol.partition("_")[0]
    return Multiplied(left.name, top.name, symbols, turned=other[-1].isupper())


@kept_with_run
def product_cells(asked: Asked, shown: Map, lang: str, mode: Mode) -> Mapping[str, Any] | None:
    """Return what a map shows around its cells; None where its value is no product of two others in this run."""
    trace = get_trace(asked)
    if asked.difference or shown.value.is_parameter:
        return None
    found = multiplied(trace.plan, shown.key)
    if found is None or shown.key in trace.edited:
        return None
    keys = found.left, found.top
    left, top = (map_matrix(asked, Map(find_value(trace.plan, key), shown.head), lang, mode) for key in keys)
    divided = None if found.by == 1 else Divided(number(found.by), found.by)
    around = product(left, top, found.symbols, _terms(trace, found), divided, turned=found.turned)
    told = "gathers" if not found.turned else "asks" if divided is None else "asks_divided"
    words = {"told": section("product", lang)[told], **section("product_words", lang)}
    return None if around is None else {**around, "words": words}


def product_factors(trace: Trace, value: Value, head: int, row: int, column: int) -> dict[str, str] | None:
    """Return the very numbers that are multiplied in a cell of a map of products; None where it is none.

    Returns:
        left, top: float32 bytes in base64, a number for each term.
    """
    found = None if value.is_parameter else multiplied(trace.plan, value.key)
    if found is None or value.key in trace.edited:
        return None
    left, top = (find_value(trace.plan, key).sheet(trace, head) for key in (found.left, found.top))
    return {"left": packed(left[row]), "top": packed(top[column] if found.turned else top[:, column])}


def _terms(trace: Trace, found: Multiplied) -> list[str]:
    """What the terms are called, where each is a word's."""
    side = find_value(trace.plan, found.left).sides[-1]
    return [] if side is None else plain_rows(trace.words_of(side).read)
