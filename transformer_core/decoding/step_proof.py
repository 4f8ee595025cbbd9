"""The proof on one sentence that a parallel pass and a sequential run compute the same: row t, keys up to t, is step t.

It rests on the causal mask: nothing that a row computes hangs on a word that comes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from transformer_core.decoding.checks import as_batch
from transformer_core.decoding.reader import MakeListener
from transformer_core.decoding.records import Record
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.sites import Site
from transformer_core.glass.trace import Trace

Array = NDArray[Any]


@dataclass(frozen=True)
class StepProof:
    """What the comparison found.

    Attributes:
        difference: the largest over all sites and steps, relative to the largest number of its site (`Formula.scale`:
            a sum's terms without their signs).
        key: the site where it is.
        step: the step at which it is.
        n_sites: how many sites were compared: all that the pass writes down, and that have target positions.
        n_steps: how many steps.
    """

    difference: float
    key: str
    step: int
    n_sites: int
    n_steps: int


@checked()
def prove_steps(model: LanguageModel, record: Record, *, edit: MakeListener | None = None) -> StepProof:
    """Return how far one pass over all words that a record read is from a sequential run over the same words.

    The sequential run is a pass of its own for each step, over the words read up to there: it knows no later word.
    `edit` makes the listener that edits a pass, as `Glass.listener` does.
    """
    source, read = record.source, record.read
    whole = _pass(model, source, read, edit)
    sites = [site for site in map(whole.site, whole) if "target" in site.sides and not site.derived]
    scales = {site.key: site.formula.scale(whole) or 1.0 for site in sites}
    worst, key, at = 0.0, sites[0].key, 0
    for t in range(len(read)):
        step = _pass(model, source, read[: t + 1], edit)
        for site in sites:
            found = _apart(_row(whole, site, t), _row(step, site, t)) / scales[site.key]
            if found > worst:
                worst, key, at = found, site.key, t
    return StepProof(worst, key, at, len(sites), len(read))


def _pass(model: LanguageModel, source: Sequence[int] | None, read: Sequence[int], edit: MakeListener | None) -> Trace:
    if edit is None:
        return run_with_trace(model, source, read)
    ids = as_batch(model, source), torch.tensor([list(read)], device=model.device)
    return run_with_trace(model, source, read, edit=edit(*ids))


def _row(trace: Trace, site: Site, t: int) -> Array:
    """The value at row t of the first axis of target positions, and on the second, if there is one, keys up to t."""
    rows = site.sides.index("target")
    return trace[site.key][
        tuple(
            slice(None) if side != "target" else slice(t, t + 1) if axis == rows else slice(t + 1)
            for axis, side in enumerate(site.sides)
        )
    ]


def _apart(one: Array, other: Array) -> float:
    """The largest difference; infinity where a number stands on one side and none, or another -inf, on the other."""
    numbers = np.isfinite(one)
    if not np.array_equal(numbers, np.isfinite(other)):
        return float("inf")
    return float(np.abs(np.subtract(one, other, where=numbers, out=np.zeros(one.shape), dtype=np.float64)).max())
