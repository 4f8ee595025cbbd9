"""The cells of recurrent networks, step by step: every gate and every state is a value of its own.

Each computes what `torch.nn` does under the same weights; in training the same numbers come out of its fused kernels.
Letters: B batch, L position, D width of a vector and of a state.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.ancestors.base import State
from transformer_core.glass.hooks import HookPoint, is_listening

Look = Callable[[Tensor, int], Tensor]
"""From the state before a row, [B, D], and its number to what is read of another text there, [B, D]."""


class Cell(nn.Module):
    """A loop over the words of a text, with a state that each step reads and changes.

    Attributes:
        gates: what is made of the word and of the state before, by letter; `W_i` [D, D], `U_i` and `b_i` [D] of gate i.
        states: what is remembered from word to word.
        inner: further values of a step.
        fused, fused_step: torch's kernels of the whole loop, and of one step.
    """

    gates: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("h",)
    inner: ClassVar[tuple[str, ...]] = ()
    fused: ClassVar[Callable[..., Any]]
    fused_step: ClassVar[Callable[..., Any]]

    def __init__(self, width: int, *, reverse: bool = False, context: bool = False) -> None:
        """Make a fresh cell.

        Args:
            width: D.
            reverse: whether it reads the last word first.
            context: whether each gate also reads something of another text, by `C_i` [D, D].
        """
        super().__init__()
        self.width, self.reverse, self.context = width, reverse, context
        bound = width**-0.5  # as torch.nn draws them
        for gate in self.gates:
            shapes = {f"W_{gate}": (width, width), f"U_{gate}": (width, width), f"b_{gate}": (width,)}
            for name, shape in (shapes | ({f"C_{gate}": (width, width)} if context else {})).items():
                self.register_parameter(name, nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))
        parts = [f"{gate}_{part}" for gate in self.gates for part in ("xch" if context else "xh")]
        for name in (*parts, *(f"{state}_before" for state in self.states), *self.inner, *self.states):
            self.add_module(name, HookPoint())

    def forward(
        self, x: Tensor, state: State | None, real: Tensor | None, context: Tensor | Look | None = None
    ) -> tuple[Tensor, State]:
        """Return h at every position, and the state behind the last one; arguments as in `Ancestor.read`.

        Args:
            context: what is read of another text at each position, [B, L, D], or what looks for it at each step.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        if state is None:
            state = tuple(x.new_zeros(len(x), self.width) for _ in self.states)
        if self.training and (real is None or self.reverse) and not is_listening():
            return self._fused(x, state, real, context)
        rows = dict[int, Tensor]()
        steps = range(x.shape[1])
        for t in reversed(steps) if self.reverse else steps:
            seen = context(state[0], t) if callable(context) else None if context is None else context[:, t]
            read = tuple(self._read(gate, x[:, t], seen, t) for gate in self.gates)
            before = tuple(self._hook(f"{n}_before")(s, row=t) for n, s in zip(self.states, state, strict=True))
            after = self.step(read, before, t)
            if real is not None:  # padding leaves no trace
                after = tuple(torch.where(real[:, t, None], a, b) for a, b in zip(after, before, strict=True))
            state = after
            rows[t] = after[0]
        return torch.stack([rows[t] for t in steps], dim=1), state

    @abstractmethod
    def step(self, x: tuple[Tensor, ...], before: State, t: int) -> State:
        """Return the state behind one word.

        Args:
            x: what each gate makes of the word, [B, D].
            before: the state.
            t: the row.
        """

    def _hook(self, name: str) -> HookPoint:
        hook: HookPoint = getattr(self, name)
        return hook

    def _of(self, kind: str, gate: str) -> Tensor:
        found: Tensor = getattr(self, f"{kind}_{gate}")
        return found

    def _read(self, gate: str, x: Tensor, seen: Tensor | None, t: int) -> Tensor:
        """What a gate makes of the word, and of what is seen of another text."""
        read = self._hook(f"{gate}_x")(F.linear(x, self._of("W", gate).T, self._of("b", gate)), row=t)
        return read if seen is None else self._hook(f"{gate}_c")(read + seen @ self._of("C", gate), row=t)

    def _recall(self, gate: str, h: Tensor, t: int) -> Tensor:
        """What a gate makes of the state before."""
        recalled: Tensor = self._hook(f"{gate}_h")(h @ self._of("U", gate), row=t)
        return recalled

    def _fused(
        self, x: Tensor, state: State, real: Tensor | None, context: Tensor | Look | None
    ) -> tuple[Tensor, State]:
        W, U, b = (torch.cat([self._of(kind, gate) for gate in self.gates], dim=-1) for kind in "WUb")
        if context is not None:
            W = torch.cat((W, torch.cat([self._of("C", gate) for gate in self.gates], dim=-1)))
        weights = [W.T, U.T, b, self._second_bias(b)]
        if callable(context):
            rows = []
            for t in range(x.shape[1]):
                held = state if len(state) > 1 else state[0]
                after = type(self).fused_step(torch.cat((x[:, t], context(state[0], t)), dim=-1), held, *weights)
                state = after if isinstance(after, tuple) else (after,)
                rows.append(state[0])
            return torch.stack(rows, dim=1), state
        x = x if context is None else torch.cat((x, context), dim=-1)
        first = tuple(one[None] for one in state)
        out, *last = type(self).fused(
            turned(x, real) if self.reverse else x,
            first if len(first) > 1 else first[0],
            weights,
            True,
            1,
            0.0,
            True,
            False,
            True,
        )
        return turned(out, real) if self.reverse else out, tuple(one[0] for one in last)

    def _second_bias(self, b: Tensor) -> Tensor:
        """What torch adds to the state's part; nothing where one bias does."""
        return torch.zeros_like(b)


def turned(x: Tensor, real: Tensor | None) -> Tensor:
    """Return the rows of each text from the last to the first; padding stays on the right.

    Shapes: x [B, L, D], real bool [B, L] or None -> [B, L, D].
    """
    if real is None:
        return x.flip(1)
    n, places = real.sum(dim=1, keepdim=True), torch.arange(x.shape[1], device=x.device)
    order = torch.where(places < n, n - 1 - places, places)  # [B, L]
    return x.gather(1, order[..., None].expand_as(x))


class RNN(Cell):
    """h_t = tanh(W x_t + b + U h_{t-1}) (Elman 1990)."""

    gates = ("h",)
    fused, fused_step = torch.rnn_tanh, torch.rnn_tanh_cell

    def step(self, x: tuple[Tensor, ...], before: State, t: int) -> State:
        """Return the next h."""
        (h,) = before
        return (self._hook("h")(torch.tanh(x[0] + self._recall("h", h, t)), row=t),)


class GRU(Cell):
    """r and z say what of the state is read and kept (Cho et al. 2014).

    The reset gate acts behind U, as in PyTorch and the first version of the paper: n = tanh(W x + b + r (U h + c)).
    """

    gates = ("r", "z", "n")
    inner = ("r", "z", "n")
    fused, fused_step = torch.gru, torch.gru_cell

    def __init__(self, width: int, *, reverse: bool = False, context: bool = False) -> None:
        super().__init__(width, reverse=reverse, context=context)
        self.c_n = nn.Parameter(torch.empty(width).uniform_(-(width**-0.5), width**-0.5))

    def step(self, x: tuple[Tensor, ...], before: State, t: int) -> State:
        """Return the next h."""
        (h,) = before
        r, z = (
            self._hook(gate)(torch.sigmoid(part + self._recall(gate, h, t)), row=t)
            for gate, part in zip("rz", x[:2], strict=True)
        )
        n = self._hook("n")(torch.tanh(x[2] + r * self._hook("n_h")(h @ self._of("U", "n") + self.c_n, row=t)), row=t)
        return (self._hook("h")((1 - z) * n + z * h, row=t),)

    def _second_bias(self, b: Tensor) -> Tensor:
        return torch.cat((b.new_zeros(2 * self.width), self.c_n))


class LSTM(Cell):
    """A cell c beside h, which the forget gate keeps and the input gate writes (Hochreiter & Schmidhuber 1997).

    The forget gate is that of Gers, Schmidhuber and Cummins 2000.
    """

    gates = ("i", "f", "g", "o")
    states = ("h", "c")
    inner = ("i", "f", "g", "o", "c_act")
    fused, fused_step = torch.lstm, torch.lstm_cell

    def step(self, x: tuple[Tensor, ...], before: State, t: int) -> State:
        """Return the next h and c."""
        h, c = before
        i, f, g, o = (
            self._hook(gate)((torch.tanh if gate == "g" else torch.sigmoid)(part + self._recall(gate, h, t)), row=t)
            for gate, part in zip(self.gates, x, strict=True)
        )
        c = self._hook("c")(f * c + i * g, row=t)
        return self._hook("h")(o * self._hook("c_act")(torch.tanh(c), row=t), row=t), c


CELLS: dict[str, type[Cell]] = {"rnn": RNN, "gru": GRU, "lstm": LSTM}
