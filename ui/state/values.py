"""A value as the app shows it: what its plan says of it, and how its numbers lie in the rows and columns of a map.

A map has two axes. Of a value with heads it shows one head; of three axes without heads two stand side by side as one;
of a vector one axis is not there. A cell is told as head, row and column on the screen, and as an index in the array.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from numpy.typing import NDArray

from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.sites import find_parameter, find_site, parameters_by_name
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts

Array = NDArray[Any]
PARAMETER = "parameter"  # what every parameter is told as, and the stop, after all others, that shows one
POSITIONS = "LQK"


@dataclass(frozen=True)
class Value:
    """What is known of a site or a parameter.

    Attributes:
        key, axes, kind: as in the plan.
        is_parameter: which of the two it is.
        name: the last word of its key.
        block: the one that it belongs to.
        sides: for each axis the word list that labels it, or None.
        told: the id of its name and of what is to be seen in it.
        inner: entries of the second of two axes that are shown as one, as vectors that stand side by side; 0 for none.
    """

    key: str
    axes: str
    kind: str
    is_parameter: bool
    name: str
    block: Block = field(hash=False)  # a large record, and the key says as much
    sides: tuple[str | None, ...]
    told: str
    inner: int = 0

    @property
    def sharing(self) -> int:
        """How many heads that ask share one head of this value: 1 where each has its own, 0 where it has no heads."""
        if self.axes[0] == "G":
            facts = attention_facts(self.block)
            return facts.heads // facts.kv_heads
        return int(self.axes[0] == "H")

    @property
    def letters(self) -> tuple[str, str]:
        """The letters of rows and columns, "1" for an axis that is not there, and two of axes in one."""
        axes = self.axes
        if len(axes) < 2:
            return (axes, "1") if axes in POSITIONS else ("1", axes)
        if self.inner:
            return (axes[0], axes[1:]) if axes[0] in POSITIONS else (axes[:2], axes[2])
        return axes[-2], axes[-1]

    @property
    def is_masked(self) -> bool:
        """Whether a mask says which of its cells there are."""
        return self.name in ("scores", "weights") and self.block.role == "attention"

    def own_head(self, head: int) -> int | None:
        """Return which head of this value belongs to a head that asks; None where it has no heads."""
        return head // self.sharing if self.sharing else None

    def side(self, axis: int) -> str | None:
        """Return the word list that labels the rows (0) or the columns (1)."""
        if len(self.sides) < 2 or self.inner:
            return self.sides[0] if axis == 0 else None
        return self.sides[axis - 2]

    def sheet(self, trace: Trace, head: int) -> Array:
        """Return the rows and columns in a run, under a head that asks.

        Shapes: -> [R, C].
        """
        array = trace.array(self.key)
        if (own := self.own_head(head)) is not None:
            return array[own]
        if array.ndim == 1:
            return array[:, None] if self.axes in POSITIONS else array[None]
        if self.inner:
            return array.reshape(len(array), -1) if self.axes[0] in POSITIONS else array.reshape(-1, array.shape[-1])
        return array

    def index(self, head: int, row: int, column: int) -> tuple[int, ...]:
        """Return the place in the whole array of a cell that is told as a head that asks, row and column."""
        own = self.own_head(head)
        if own is not None:
            return (own, row, column)
        if self.inner:
            first, second = divmod(column if self.axes[0] in POSITIONS else row, self.inner)
            return (row, first, second) if self.axes[0] in POSITIONS else (first, second, column)
        if len(self.axes) == 2:
            return (row, column)
        return (row,) if self.axes in POSITIONS else (column,)

    def cell(self, index: tuple[int, ...], head: int) -> tuple[int, int, int]:
        """Return head that asks, row and column of a place in the array; `head`, where the place says no other one."""
        if self.sharing:
            first = index[0] * self.sharing
            return (head if self.own_head(head) == index[0] else first, index[1], index[2])
        if self.inner:
            a, b, c = index
            return (head, a, b * self.inner + c) if self.axes[0] in POSITIONS else (head, a * self.inner + b, c)
        if len(self.axes) == 2:
            return (head, index[0], index[1])
        return (head, index[0], 0) if self.axes in POSITIONS else (head, 0, index[0])


@lru_cache(maxsize=4096)
def find_value(plan: Plan, key: str) -> Value:
    """Return the site or parameter with this key.

    Raises:
        UnknownSiteError: if the model has neither.
    """
    if key in parameters_by_name(plan):
        one = find_parameter(plan, key)
        sides, inner = (None,) * len(one.axes), _inner(plan, one.axes)
        return Value(key, one.axes, one.kind, True, one.own, one.block, sides, PARAMETER, inner)
    site = find_site(plan, key)
    told, inner = site.formula.kind, _inner(plan, site.axes)
    return Value(key, site.axes, site.kind, False, site.name, site.block, site.sides, told, inner)


def _inner(plan: Plan, axes: str) -> int:
    joined = len(axes) == 3 and axes[0] not in "HG"
    return plan.size(axes[2] if axes[0] == "L" else axes[1]) if joined else 0
