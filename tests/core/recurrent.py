"""A recurrent model, small and whole: it describes itself, and the glass that was made for Transformers traces it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import pointwise, softmax_formula
from transformer_core.glass.formula.starts import Lookup, Tokens
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.hooks import HookPoint, name_hook_points
from transformer_core.glass.plan import Block, Plan, Value, Weight, WordList

V, D, F = 11, 3, 5
TANH = operations.Operation("tanh", np.tanh, operations.RELU.tell)


class Cell(nn.Module):
    """h_t = tanh(x_t W + b + h_{t-1} U), h_{-1} = 0 (Elman 1990); every value is passed once a row."""

    def __init__(self) -> None:
        super().__init__()
        self.W, self.U, self.b = (nn.Parameter(torch.randn(n)) for n in ((D, F), (F, F), (F,)))
        self.x_in, self.h_in, self.pre, self.h = (HookPoint() for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """Return every h: x [B, L, D] -> [B, L, F]."""
        h, rows = x.new_zeros(len(x), F), []
        for t in range(x.shape[1]):
            x_in, h_in = self.x_in(x[:, t] @ self.W + self.b, row=t), self.h_in(h @ self.U, row=t)
            h = self.h(self.pre(x_in + h_in, row=t).tanh(), row=t)
            rows.append(h)
        return torch.stack(rows, dim=1)


def cell_block(path: str, x: str) -> Block:
    """What the cell says of itself."""
    x_in, h_in = Factor("x_{i,d}", x, "l D"), Factor("h_{i-1,g}", ".h", "l G", shift=-1)
    W, U, b = Factor("W_{d,f}", ".W", "D f"), Factor("U_{g,f}", ".U", "G f"), Factor("b_f", ".b", "f")
    summands = ("a_{i,f}", ".x_in"), ("c_{i,f}", ".h_in")
    values = (
        Value("x_in", "LF", "signed", contraction("x_in", "a_{i,f}", "lf", x_in, W, bias=b, over="d")),
        Value("h_in", "LF", "signed", contraction("h_in", "c_{i,f}", "lf", h_in, U, over="g")),
        Value("pre", "LF", "signed", pointwise("pre", operations.SUM, "u_{i,f} = a_{i,f} + c_{i,f}", *summands)),
        Value("h", "LF", "signed", pointwise("h", TANH, r"h_{i,f} = \tanh(u_{i,f})", ("u_{i,f}", ".pre"))),
    )
    weights = Weight("W", "DF"), Weight("U", "FF"), Weight("b", "F")
    return Block(path, "recurrent", values, weights, stack="loop", layer=0, name="cell", words="target")


class Table(nn.Module):
    """The embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.W_E = nn.Parameter(torch.randn(V, D))
        self.tokens, self.out = HookPoint(), HookPoint()

    def forward(self, ids: Tensor) -> Tensor:
        """Return the rows: [B, L] -> [B, L, D]."""
        vectors: Tensor = self.out(self.W_E[self.tokens(ids)])
        return vectors


class Says(nn.Module):
    """The output head."""

    def __init__(self) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.randn(V, F))
        self.logits = HookPoint()

    def forward(self, h: Tensor) -> Tensor:
        """Return the logits: [B, L, F] -> [B, L, V]."""
        logits: Tensor = self.logits(h @ self.W.T)
        return logits


class Recurrent(nn.Module):
    """Embedding, cell and output head, with random weights."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.cell, self.says = Table(), Cell(), Says()
        self.plan = recurrent_plan()
        name_hook_points(self)

    def forward(self, target: Tensor) -> Tensor:
        """Return the logits: [B, L] -> [B, L, V]."""
        logits: Tensor = self.says(self.cell(self.embed(target)))
        return logits

    def pass_over(self, **ids: Tensor) -> Tensor:
        """Return the logits of the text that is called `target` in the plan."""
        logits: Tensor = self(**ids)
        return logits

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return the parameters."""
        return dict(self.named_parameters())


def recurrent_plan() -> Plan:
    """What the whole model says of itself."""
    table = (
        Value("tokens", "L", "ids", Tokens(kind="tokens", latex="t_i")),
        Value("out", "LD", "signed", Lookup(kind="lookup", latex=r"x_{i,d} = W^E_{t_i,d}", inputs=(".tokens", ".W_E"))),
    )
    h, W = Factor("h_{i,f}", "cell.h", "l F"), Factor("W_{v,f}", ".W", "v F")
    softmax = softmax_formula("probs", ".logits", axis="V", letters=("p", r"\ell", "v", "u"))
    says = (
        Value("logits", "LV", "logits", contraction("logits", r"\ell_{i,v}", "lv", h, W, over="f")),
        Value("probs", "LV", "probabilities", softmax, derived=True),
    )
    blocks = (
        Block("embed", "embedding", table, (Weight("W_E", "VD"),), stack="loop", name="embedding", words="target"),
        cell_block("cell", "embed.out"),
        Block("says", "output", says, (Weight("W", "VF"),), name="output", words="target"),
    )
    lists = (WordList("target", "loop", "embed.tokens", (0, 1, 2), (2,), written=True),)
    return Plan("recurrent", (("D", D), ("F", F)), lists, blocks)
