"""Numbers that are none: NaN and the infinities, refused where they arise."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from transformer_core.glass.errors import NotFiniteError
from transformer_core.glass.hooks import Listener, hearing, on_copies
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site
from transformer_core.glass.walks import logits_key

_BLOCKED = ("scores", "logits")  # in values of this kind minus infinity says: not this one


def all_finite(x: Tensor) -> bool:
    """Return whether every number of `x` is finite, at the cost of reading it once."""
    # One that is not makes the sum none; that a sum overflows without one is rare, and then each is looked at.
    return math.isfinite(x.sum().item()) or bool(x.isfinite().all())


def refuse_not_finite(plan: Plan, key: str, x: Tensor) -> Tensor:
    """Return `x`, the value of a site of this plan; with it a listener ends a pass at the first value that is none.

    Raises:
        NotFiniteError: if it holds NaN or an infinity; minus infinity is a blocked score, or a logit that is ruled out.
    """
    if not x.is_floating_point():
        return x
    bad = ~x.isfinite()
    if find_site(plan, key).kind in _BLOCKED:
        bad &= x != -torch.inf
    if bad.any():
        cell = tuple(int(i) for i in bad.nonzero()[0][1:])  # without the batch
        number = float(x[bad][0])
        raise NotFiniteError(
            f"{key} is {number} at {list(cell)}, and it is the first value of this pass that is no number: look at the "
            "weights and the edits that it is made of",
            name=key,
            index=cell,
            value=number,
        )
    return x


def check_logits(plan: Plan, logits: Tensor, again: Callable[[], object], edit: Listener | None = None) -> None:
    """Raise a NotFiniteError if the logits of a pass hold NaN or an infinity, and name the value where the first arose.

    Args:
        plan: of the model.
        logits: in any shape.
        again: makes the pass once more, or its last step alone, to look for that value.
        edit: the listener under which the pass was made.
    """
    if all_finite(logits):
        return
    try:
        refuse_not_finite(plan, logits_key(plan), logits)
    except NotFiniteError:
        change = None if edit is None else on_copies(edit)
        with hearing(lambda key, x: refuse_not_finite(plan, key, change(key, x) if change else x)):
            again()
        raise


def check_parameter(name: str, x: Tensor, where: str) -> None:
    """Raise a NotFiniteError unless every number of a parameter is finite; `where` says which file holds it."""
    if not all_finite(x):
        bad = ~x.isfinite()
        raise NotFiniteError(
            f"{where}: {name} holds {int(bad.sum())} numbers that are not finite as {x.dtype}, the first {x[bad][0]}",
            name=name,
            path=where,
        )
