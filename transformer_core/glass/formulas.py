"""How every value of a model follows from its inputs: one formula per site, in the order of computation.

    formula = find_formula(trace.plan, "decoder.2.cross_attn.weights")
    formula.latex                    # in the letters of the paper
    formula.recompute(trace)         # the whole site, from its inputs in the trace
    formula.terms(trace, (0, 3, 1))  # one cell, with the numbers that made it

Everything works on a trace alone; none of it needs the model or torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.cells import Array
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site, sites_by_key
from transformer_core.glass.trace import Trace

__all__ = ["Formula", "all_formulas", "difference", "find_formula", "provenance", "row_difference"]

MANY_COLUMNS = 10_000


@checked()
@lru_cache(maxsize=64)
def all_formulas(plan: Plan) -> dict[str, Formula]:
    """Return the formula of every site of a model, by key, in the order of `all_sites`."""
    return {key: site.formula for key, site in sites_by_key(plan).items()}


@checked()
def find_formula(plan: Plan, key: str) -> Formula:
    """Return the formula of the site with this key.

    Raises:
        UnknownSiteError: if there is none; the message names the nearest keys that exist.
    """
    return all_formulas(plan)[find_site(plan, key).key]


@checked()
def difference(trace: Trace, key: str) -> float:
    """Return how far a recomputed site is from the traced one: the largest difference over the site's largest number.

    That is `Formula.scale`: where numbers are added up, the largest sum of the absolute terms of a cell. Minus infinity
    must stand in the same cells of both, else the answer is infinite; so it is where a number is none.

    Raises:
        UnknownSiteError: if there is no such site.
    """
    formula = find_formula(trace.plan, key)
    recomputed = formula.recompute(trace).astype(np.float64)
    return _share(recomputed, trace[key].astype(np.float64), lambda: formula.scale(trace))


@checked()
def row_difference(trace: Trace, key: str, index: Sequence[int]) -> float:
    """Return the same for the row of a cell, its whole last axis; for the cell alone where that is very long.

    Args:
        trace: of any model.
        key: of a site.
        index: of the cell.

    Raises:
        UnknownSiteError: if there is no such site.
        ShapeError: if there is no such cell.
    """
    formula = find_formula(trace.plan, key)
    if trace.shape(key)[-1] > MANY_COLUMNS:
        cell = formula.terms(trace, index)
        recomputed, traced, largest = np.array([cell.total]), np.array([cell.value]), cell.largest_sum
    else:
        recomputed, largest = formula.row(trace, index)
        traced = np.atleast_1d(trace[key][tuple(index)[:-1]]).astype(np.float64)
    finite = np.abs(traced[np.isfinite(traced)])
    return _share(recomputed, traced, lambda: max(float(finite.max(initial=0.0)), largest))


def _share(recomputed: Array, traced: Array, scale: Callable[[], float]) -> float:
    """The largest difference, as a share of a scale that is asked for only if there is one."""
    finite = np.isfinite(traced)
    if recomputed.shape != traced.shape or (recomputed != traced)[~finite].any():
        return np.inf
    furthest = float(np.abs(recomputed[finite] - traced[finite]).max(initial=0.0))
    if furthest == 0:
        return 0.0
    whole = scale()
    return furthest / whole if 0 < whole < np.inf and np.isfinite(furthest) else np.inf


@checked()
@lru_cache(maxsize=1024)
def provenance(plan: Plan, key: str) -> tuple[str, ...]:
    """Return the keys of all sites from which one follows, back to the token ids, nearest first, without itself.

    Raises:
        UnknownSiteError: if there is no such site.
    """
    found = [site for site in dict.fromkeys(find_formula(plan, key).sites) if site != key]
    known = {key, *found}
    for nearer in found:  # the list grows while it is walked, so that whatever is one step nearer comes first
        for site in all_formulas(plan)[nearer].sites:
            if site not in known:
                known.add(site)
                found.append(site)
    return tuple(found)
