"""Dropout (Srivastava et al. 2014), with masks out of a pool where drawing them anew is what costs.

On the CPU `torch.nn.functional.dropout` spends its time on random numbers: of a training step at d_model 192, a third.
Here the masks are drawn a million cells at a time, kept for some hundreds of uses, and each use reads them from another
random place on.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

POOL_CELLS = 1 << 20
USES = 512
ALIGNMENT = 16  # cells; a use starts on a cache line of 64 bytes


class _MaskPool:
    """Scaled masks for one rate: cells that are 0 with probability `p`, else 1 / (1 - p).

    Everything follows from two numbers taken from torch's global generator, the pool's seed and the uses since, so that
    four integers restore it (`state`), and a resumed training meets the same masks.
    """

    def __init__(self, p: float) -> None:
        self.p = p
        self.seed = 0
        self.cells = 0
        self.uses = 0
        self._masks: dict[torch.dtype, Tensor] = {}

    def take(self, x: Tensor) -> Tensor:
        """The mask for one use: cells of the pool from a random place on, in the shape and dtype of `x`."""
        size = x.numel()
        if self.uses % USES == 0 or 2 * size > self.cells:
            self._draw(int(torch.randint(2**62, ()).item()), max(POOL_CELLS, 4 * size))
            self.uses = 0
        self.uses += 1
        start = int(torch.randint((self.cells - size) // ALIGNMENT + 1, ()).item()) * ALIGNMENT
        return self._cells_as(x.dtype)[start : start + size].view(x.shape)

    def state(self) -> list[int]:
        """The numbers that `restore` needs: seed, cells, uses."""
        return [self.seed, self.cells, self.uses]

    def restore(self, seed: int, cells: int, uses: int) -> None:
        """Become the pool whose `state` this was."""
        self.uses = uses
        self._draw(seed, cells)

    def _draw(self, seed: int, cells: int) -> None:
        self.seed, self.cells = seed, cells
        generator = torch.Generator().manual_seed(seed)
        kept = torch.empty(cells).bernoulli_(1 - self.p, generator=generator)
        # A new tensor, never the old one overwritten: a backward pass may still need masks that were taken from it.
        self._masks = {torch.float32: kept.div_(1 - self.p)}

    def _cells_as(self, dtype: torch.dtype) -> Tensor:
        if dtype not in self._masks:
            self._masks[dtype] = self._masks[torch.float32].to(dtype)
        return self._masks[dtype]


_pools: dict[float, _MaskPool] = {}


def pool_state() -> dict[str, list[int]]:
    """What the mask pools of this process are, by rate; with torch's generator it decides every later mask."""
    return {repr(p): pool.state() for p, pool in _pools.items()}


def restore_pools(state: dict[str, list[int]]) -> None:
    """Replace the mask pools of this process by those of `pool_state`; an empty state empties them."""
    _pools.clear()
    for name, (seed, cells, uses) in state.items():
        pool = _pools[float(name)] = _MaskPool(float(name))
        pool.restore(seed, cells, uses)


class Dropout(nn.Module):
    """Zero each cell with probability `p` and scale the others by 1 / (1 - p), in training; else the identity."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, in training with cells dropped; the shape stays."""
        if not self.training or self.p == 0:
            return x
        if x.device.type != "cpu":
            return nn.functional.dropout(x, self.p)
        if self.p not in _pools:
            _pools[self.p] = _MaskPool(self.p)
        return x * _pools[self.p].take(x)

    def extra_repr(self) -> str:
        """The rate, for `print(model)`."""
        return f"p={self.p}"
