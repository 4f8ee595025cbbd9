"""How much memory a trace takes, told from the plan before any pass is made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from math import prod

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import Pointwise
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import Site, sites_by_key

MOST_TOKENS = 2**20
_BYTES = {"ids": 8, "mask": 1}  # of one number, where it is not that of the run's precision


def trace_bytes(plan: Plan, lengths: Mapping[str, int], *, number: int = 4) -> int:
    """Return the bytes that a trace holds, at most.

    Copies share the memory of what they are copied from and count nothing, nor does what is derived or spared. What a
    run may share besides counts as if it did not: masks, positions, and scores in which nothing is masked.

    Args:
        plan: of the model.
        lengths: how many words of each word list are read.
        number: bytes of one number in the precision of the run.
    """
    held = (site for site in sites_by_key(plan).values() if not (site.derived or site.spared or _copied(site)))
    return sum(_BYTES.get(site.kind, number) * prod(_shape(plan, site, lengths)) for site in held)


@lru_cache(maxsize=64)
def tokens_within(plan: Plan, limit: int, *, number: int = 4) -> int:
    """Return the largest number of words, the same of each list, whose trace takes no more than `limit` bytes.

    `number` is as in `trace_bytes`.
    """

    def held(n: int) -> int:
        return trace_bytes(plan, {one.name: n for one in plan.word_lists}, number=number)

    return bisect_right(range(1, MOST_TOKENS), limit, key=held)


def _copied(site: Site) -> bool:
    return isinstance(site.formula, Pointwise) and site.formula.operation is operations.COPY


def _shape(plan: Plan, site: Site, lengths: Mapping[str, int]) -> list[int]:
    words = plan.words(site.block.words)
    sizes = {"1": 1, "V": words.size, **dict(plan.axes)}
    return [
        sizes[letter] if side is None else lengths[side] for letter, side in zip(site.axes, site.sides, strict=True)
    ]
