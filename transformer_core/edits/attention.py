"""Edits of attention: heads switched off, a row of weights set by hand, a head's temperature.

Letters: B batch, H head, Q query position, K key position, E d_head.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from transformer_core.edits.base import Edit, Run, check_heads, decimal, first_row, listed, one_block, unique
from transformer_core.edits.errors import EditTemperatureError, EditWeightsError
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site
from transformer_core.glass.walks import attention_facts

TEMPERATURES = (0.001, 1000.0)


@dataclass(frozen=True)
class _Heads(Edit):
    """Some heads of one attention block."""

    block: str
    heads: tuple[int, ...]
    name: ClassVar[str] = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", unique(self.heads))

    def check(self, plan: Plan) -> None:
        """Raise an EditBlockError or EditHeadError unless the model has the block and the heads."""
        check_heads(one_block(plan, self.block), self.heads)

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return what the heads hand to W_O."""
        return (f"{self.block}.z",)

    def to_text(self) -> str:
        """Return e.g. `off:decoder.2.cross_attn:0,3`."""
        return f"{self.name}:{self.block}:{listed(self.heads)}"

    def _scaled(self, x: Tensor, off: tuple[int, ...]) -> Tensor:
        factors = x.new_ones(x.shape[1])
        factors[list(off)] = 0
        return x * factors[:, None, None]  # [B, H, Q, E]


@dataclass(frozen=True)
class SwitchOff(_Heads):
    """Some heads hand on zeros: their `head_out` is missing from the block's output, and nothing else is."""

    name: ClassVar[str] = "off"

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return z with zeros in these heads."""
        return self._scaled(x, self.heads)


@dataclass(frozen=True)
class KeepOnly(_Heads):
    """All other heads of the block hand on zeros."""

    name: ClassVar[str] = "keep"

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return z with zeros in the other heads."""
        return self._scaled(x, tuple(h for h in range(x.shape[1]) if h not in self.heads))


@dataclass(frozen=True)
class SetAttention(Edit):
    """One query of one head attends as is said, whatever its scores are.

    Attributes:
        block, head, query: the row of weights.
        weights: of the keys from 0 on, the rest get 0; they sum to 1. An integer is the one key that gets all.
    """

    block: str
    head: int
    query: int
    weights: tuple[float, ...] | int

    def __post_init__(self) -> None:
        if isinstance(self.weights, int):
            return
        object.__setattr__(self, "weights", tuple(float(w) for w in self.weights))
        total = math.fsum(self.weights)
        if not all(0 <= w <= 1 for w in self.weights) or not abs(total - 1) <= 1e-6:
            raise EditWeightsError(
                f"weights must lie between 0 and 1 and sum to 1, not to {total:g}: {self.weights}", total=f"{total:g}"
            )

    @property
    def shares(self) -> tuple[float, ...]:
        """The weights of the keys from 0 on, up to the last that gets any."""
        if isinstance(self.weights, int):
            return (*(0.0,) * self.weights, 1.0)
        last = max(k for k, w in enumerate(self.weights) if w)
        return self.weights[: last + 1]

    def check(self, plan: Plan) -> None:
        """Raise an EditBlockError or EditHeadError unless the model has the block and the head."""
        check_heads(one_block(plan, self.block), (self.head,))

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the block's weights."""
        return (f"{self.block}.weights",)

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the weights with this row as it is said; as they are while the row or a key of it is not there."""
        shares = self.shares
        query = self.query - first_row(run)
        if not 0 <= query < x.shape[2] or len(shares) > x.shape[3]:
            return x
        answer = x.clone()
        answer[:, self.head, query] = 0
        answer[:, self.head, query, : len(shares)] = x.new_tensor(shares)
        return answer

    def to_text(self) -> str:
        """Return e.g. `attend:decoder.0.cross_attn:1:4:2`, or `weights:decoder.0.cross_attn:1:4:0.5,0.5`."""
        row = f"{self.block}:{self.head}:{self.query}"
        if isinstance(self.weights, int):
            return f"attend:{row}:{self.weights}"
        return f"weights:{row}:{','.join(decimal(w) for w in self.weights)}"

    def positions_on(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        """Return the query and the keys up to the last one named, each on its side."""
        query, key = find_site(plan, f"{self.block}.weights").sides[1:]
        assert query is not None
        assert key is not None
        last = self.weights if isinstance(self.weights, int) else len(self.weights) - 1
        return (query, self.query), (key, last)

    def looks_ahead(self, plan: Plan, n_target: int) -> bool:
        """Whether the query is made to attend to a later position of the target."""
        return attention_facts(one_block(plan, self.block)).causal and len(self.shares) - 1 > self.query


@dataclass(frozen=True)
class Temperature(Edit):
    """The scores of one head are divided by `t` before the mask: below 1 its attention is sharper, above 1 flatter."""

    block: str
    head: int
    t: float

    def __post_init__(self) -> None:
        low, high = TEMPERATURES
        if not low <= self.t <= high:  # scores divided by less could be infinite, and infinite ones have no softmax
            raise EditTemperatureError(
                f"the temperature must lie between {low:g} and {high:g}, not {self.t!r}",
                value=self.t,
                low=low,
                high=high,
            )

    def check(self, plan: Plan) -> None:
        """Raise an EditBlockError or EditHeadError unless the model has the block and the head."""
        check_heads(one_block(plan, self.block), (self.head,))

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the block's scores, to which the mask is added later."""
        return find_formula(plan, f"{self.block}.scores").sites[:1]

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the scores with those of the head divided."""
        answer = x.clone()
        answer[:, self.head] /= self.t
        return answer

    def to_text(self) -> str:
        """Return e.g. `temperature:encoder.0.self_attn:1:2.5`."""
        return f"temperature:{self.block}:{self.head}:{decimal(self.t)}"
