"""Edits of masks: who may attend to whom. Each changes the mask that it finds, so that several work together.

A mask that blocks a whole row is refused by `masks.make_mask`, as everywhere.
Letters: B batch, Q query position, K key position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from transformer_core.edits.base import Edit, Run, attention_paths, first_row, listed, unique
from transformer_core.edits.errors import EditPatternError, EditSideError
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import all_sites, find_site

Pattern = Literal["causal", "none", "window"]


@dataclass(frozen=True)
class DropPositions(Edit):
    """Nobody attends to some positions of a side, in any layer: their columns are blocked."""

    side: str
    positions: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", unique(self.positions))

    def check(self, plan: Plan) -> None:
        """Raise an EditSideError unless the model has this side."""
        if not self.keys(plan):
            known = ", ".join(one.name for one in plan.word_lists)
            raise EditSideError(
                f"this {plan.kind} model attends to no {self.side!r}; it has {known}", side=self.side, known=known
            )

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the masks of all blocks whose keys lie on the side."""
        return tuple(site.key for site in all_sites(plan) if site.kind == "mask" and site.sides[1] == self.side)

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the mask with these columns blocked."""
        answer = x.clone()
        answer[..., [p for p in self.positions if p < x.shape[-1]]] = False
        return answer

    def to_text(self) -> str:
        """Return e.g. `drop:source:1,2`."""
        return f"drop:{self.side}:{listed(self.positions)}"

    def positions_on(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        """Return the dropped positions."""
        return tuple((self.side, p) for p in self.positions)


@dataclass(frozen=True)
class MaskCells(Edit):
    """Some cells of a mask are allowed, or blocked.

    Attributes:
        block: of one layer, `decoder.0.self_attn`, or of all, `decoder.*.self_attn`.
        cells: (query, key) each.
        allowed: what they become.
    """

    block: str
    cells: tuple[tuple[int, int], ...]
    allowed: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", tuple(sorted({(int(q), int(k)) for q, k in self.cells})))

    def check(self, plan: Plan) -> None:
        """Raise an EditBlockError unless the model has the block."""
        attention_paths(plan, self.block)

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the masks."""
        return tuple(f"{block}.mask" for block in attention_paths(plan, self.block))

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the mask with these cells changed."""
        answer, first = x.clone(), first_row(run)
        for q, k in self.cells:
            if 0 <= q - first < x.shape[1] and k < x.shape[2]:
                answer[:, q - first, k] = self.allowed
        return answer

    def to_text(self) -> str:
        """Return e.g. `allow:decoder.*.self_attn:0-3,1-3`, or the same with `forbid`."""
        cells = ",".join(f"{q}-{k}" for q, k in self.cells)
        return f"{'allow' if self.allowed else 'forbid'}:{self.block}:{cells}"

    def positions_on(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        """Return the query and the key of every cell."""
        query, key = find_site(plan, self.keys(plan)[0]).sides
        assert query is not None
        assert key is not None
        return tuple(pair for q, k in self.cells for pair in ((query, q), (key, k)))


@dataclass(frozen=True)
class WholeMask(Edit):
    """A pattern laid over a whole mask.

    Attributes:
        block: of one layer, or of all, as in `MaskCells`.
        pattern: "causal" blocks all later keys; "window" blocks all keys further away than `width`; "none" allows all.
        width: of a window, in positions to either side; 0 lets a query see only its own position.
    """

    block: str
    pattern: Pattern
    width: int = 0

    def __post_init__(self) -> None:
        if self.pattern not in get_args(Pattern) or self.width < 0:
            raise EditPatternError(
                f"a mask can be {', '.join(get_args(Pattern))}, of a width from 0 on, not {self.pattern!r} of width "
                f"{self.width}",
                pattern=self.pattern,
                width=self.width,
                known=", ".join(get_args(Pattern)),
            )

    def check(self, plan: Plan) -> None:
        """Raise an EditBlockError unless the model has the block."""
        attention_paths(plan, self.block)

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the masks."""
        return tuple(f"{block}.mask" for block in attention_paths(plan, self.block))

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the mask under the pattern."""
        if self.pattern == "none":
            return torch.ones_like(x)
        queries, keys = (torch.arange(n, device=x.device) for n in x.shape[1:])
        ahead = (
            keys[None] - queries[:, None] - first_row(run)
        )  # [Q, K], how far to the right of the query the key stands
        return x & (ahead <= 0 if self.pattern == "causal" else ahead.abs() <= self.width)

    def to_text(self) -> str:
        """Return e.g. `mask:encoder.*.self_attn:causal`, or `mask:decoder.0.self_attn:window:2`."""
        width = f":{self.width}" if self.pattern == "window" else ""
        return f"mask:{self.block}:{self.pattern}{width}"
