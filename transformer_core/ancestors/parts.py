"""The parts that ancestors share: the table of words, and what says the next word. Each with its plan.

Letters: B batch, L position, N words of a window, D width of a vector, V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.ancestors.base import STACK, WORDS, State
from transformer_core.glass.formula.kinds import softmax_formula
from transformer_core.glass.formula.starts import Lookup, Tokens
from transformer_core.glass.formula.starts import Window as WindowFormula
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.hooks import HookPoint
from transformer_core.glass.model import Head
from transformer_core.glass.plan import Block, EmbeddingFacts, OutputFacts, Value, Weight
from transformer_core.transformer.modules.tables import new_table


class Table(nn.Module):
    """A vector for each word: row t of W_E, the product of a one-hot row and the table (Bengio et al. 2003: C)."""

    def __init__(self, W: nn.Parameter) -> None:
        super().__init__()
        self.W_E = W  # [V, D]
        self.tokens = HookPoint()  # [B, L]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, ids: Tensor) -> Tensor:
        """Return the rows of ids: [B, L] -> [B, L, D]."""
        vectors: Tensor = self.out(F.embedding(self.tokens(ids), self.W_E))
        return vectors


def word_table(vocab_size: int, width: int) -> nn.Parameter:
    """Return a fresh table of vectors as long as 1, [V, D]."""
    return new_table(vocab_size, width, width**-0.5)


def tokens_value() -> Value:
    """Return the ids, which are given."""
    return Value("tokens", "L", "ids", Tokens(kind="tokens", latex="t_i"))


def table_block(path: str, entry: str = r"W^E_{t_i,d}", *, stack: str = STACK, words: str = WORDS) -> Block:
    """Return the description of a `Table`; `entry` is LaTeX of an entry of it, `stack` and `words` say who reads it."""
    latex, symbols = rf"x_{{i,d}} = {entry}", ("t_i", entry)
    lookup = Lookup(kind="lookup", latex=latex, inputs=(".tokens", ".W_E"), symbols=symbols)
    values = (tokens_value(), Value("out", "LD", "signed", lookup))
    weights = (Weight("W_E", "VD"),)
    return Block(path, "embedding", values, weights, EmbeddingFacts(), stack, None, "embedding", words)


class Window(nn.Module):
    """The last words at each position, the nearest first; <s> stands before the text, as often as is needed."""

    def __init__(self, width: int, start: int) -> None:
        super().__init__()
        self.width, self.start = width, start
        self.tokens = HookPoint()  # [B, L]
        self.window = HookPoint()  # [B, L, N]

    def forward(self, ids: Tensor, state: State | None, real: Tensor | None) -> tuple[Tensor, State]:
        """Return the last words at each position, [B, L, N], and at the end; arguments as in `Ancestor.read`."""
        ids = self.tokens(ids)
        last = ids.new_full((len(ids), self.width), self.start) if state is None else state[0]
        if real is None:
            whole = torch.cat((last.flip(1)[:, 1:], ids), dim=1)
            rows = whole.unfold(1, self.width, 1).flip(2)
        else:
            found = []
            for t in range(ids.shape[1]):
                last = torch.where(real[:, t, None], torch.cat((ids[:, t, None], last[:, :-1]), dim=1), last)
                found.append(last)
            rows = torch.stack(found, dim=1)
        return self.window(rows), (rows[:, -1],)


def window_value(width: int, start: int) -> Value:
    """Return the ids of the last words."""
    latex = r"w_{i,n} = t_{i-n}, \quad t_{-1} = t_{-2} = \dots = \text{<s>}"
    window = WindowFormula(kind="window", latex=latex, inputs=(".tokens",), width=width, start=start)
    return Value("window", "LN", "ids", window)


class Output(Head):
    """The logit of each word, x W^T + b; W may be the table's (Press & Wolf 2017), and both another output's."""

    def __init__(self, W: nn.Parameter, b: nn.Parameter | None = None) -> None:
        super().__init__()
        self.W = W  # [V, D]
        self.b: nn.Parameter = nn.Parameter(W.new_zeros(len(W))) if b is None else b  # [V]
        self.logits = HookPoint()  # [B, L, V]

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits: [B, L, D] -> [B, L, V]."""
        assert self.W is not None
        logits: Tensor = self.logits(F.linear(x, self.W, self.b))
        return logits

    def transformed(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


def output_block(
    path: str,
    x: str,
    *,
    axis: str = "D",
    tied: bool,
    letters: tuple[str, str] = ("h", "W"),
    name: str = "output",
    words: str = WORDS,
) -> Block:
    """Return the description of an `Output`.

    Args:
        path: of the block.
        x: what it reads.
        axis: letter of its width.
        tied: whether its matrix is that of the words.
        letters: of what it reads, and of its matrix.
        name: of the block.
        words: at whose positions it says something.
    """
    letter, (symbol, matrix) = axis.lower(), letters
    x_in = Factor(f"{symbol}_{{i,{letter}}}", x, f"l {axis}")
    W = Factor(f"{matrix}_{{v,{letter}}}", ".W", f"v {axis}")
    logits = contraction("logits", r"\ell_{i,v}", "lv", x_in, W, bias=Factor("b_v", ".b", "v"), over=letter)
    values = (Value("logits", "LV", "logits", logits), probs_value())
    weights = Weight("W", f"V{axis}"), Weight("b", "V")
    return Block(path, "output", values, weights, OutputFacts(tied), name=name, words=words)


def probs_value() -> Value:
    """Return the probabilities that follow from the logits of a block."""
    softmax = softmax_formula("probs", ".logits", axis="V", letters=("p", r"\ell", "v", "u"))
    return Value("probs", "LV", "probabilities", softmax, derived=True)
