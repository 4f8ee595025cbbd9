"""How the values of two runs differ: what edits add to every number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import sites_by_key
from transformer_core.glass.trace import Trace

Array = NDArray[Any]


@checked()
def run_difference(edited: Trace, original: Trace, key: str) -> Array:
    """Return what edits add to a value: the edited run's minus the original's.

    Args:
        edited, original: two runs of the same words.
        key: of a site.

    Shapes: -> that of the value, float64, as `subtract` says.

    Raises:
        UnknownSiteError: if the model has no such site.
    """
    return subtract(edited[key], original[key])


def has_difference(plan: Plan, key: str) -> bool:
    """Return whether two runs of the same words can differ in a value: not in a parameter, nor in the words' ids."""
    site = sites_by_key(plan).get(key)
    return site is not None and site.kind != "ids"


def subtract(values: Array, others: Array) -> Array:
    """Return `values - others` in float64, NaN where one of the two is infinite, as a blocked score is.

    A mask counts as 1 where it allows, so that 1 is a cell that was opened and -1 one that was closed.

    Shapes: the same for both.
    """
    one, other = (array.astype(np.float64) for array in (values, others))
    there = np.isfinite(one) & np.isfinite(other)
    difference: Array = np.subtract(one, other, where=there, out=np.full(one.shape, np.nan))
    return difference


def same_but_for_rounding(values: Array, others: Array) -> bool:
    """Return whether numbers that may have been added up in another order are the same, infinite ones in place.

    Rounding is a share of the largest of the `others`: 64 units in its last place.

    Shapes: the same for both.
    """
    finite = np.isfinite(values)
    if not np.array_equal(finite, np.isfinite(others)):
        return False
    room = 64 * np.finfo(others.dtype).eps * np.abs(others[finite]).max(initial=0.0)
    return bool(np.abs(values[finite] - others[finite]).max(initial=0.0) <= room)
