"""The neural probabilistic language model (Bengio, Ducharme, Vincent & Jauvin 2003).

A table C gives each of the last n words a vector; a hidden layer reads them side by side; a softmax says the next word:
y = b + U tanh(d + H x), equation 1 of the paper without its direct connections W, which it also leaves out at times.
In the code C is `embed.W_E` and U is `head.W`, as in all models here.

Letters: B batch, L position, N words of a window, D width of a vector, F hidden units, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.ancestors.base import STACK, WORDS, Ancestor, AncestorConfig, State
from transformer_core.ancestors.parts import Output, Window, output_block, tokens_value, window_value
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import pointwise
from transformer_core.glass.formula.starts import Lookup
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.hooks import HookPoint
from transformer_core.glass.plan import Block, EmbeddingFacts, FeedForwardFacts, Plan, Value, Weight
from transformer_core.transformer.modules.dropout import Dropout
from transformer_core.transformer.modules.tables import new_table
from transformer_core.transformer.records import check_at_least, check_rate


@dataclass(frozen=True, kw_only=True)
class NNLMConfig(AncestorConfig):
    """The shape of the model.

    Attributes:
        window: how many words it reads to tell the next; the paper's n - 1.
        d_model: width of a word's vector; the paper's m.
        d_ff: hidden units; the paper's h.
        dropout: rate on what the hidden layer reads and hands on, in training; the paper has none.
    """

    family = "nnlm"
    window: int
    d_model: int
    d_ff: int
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least(self, "", window=1, d_model=1, d_ff=1)
        check_rate(self, "", "dropout")


class WindowTable(Window):
    """The vectors of the last words."""

    def __init__(self, config: NNLMConfig) -> None:
        super().__init__(config.window, config.bos_id)
        self.W_E = new_table(config.vocab_size, config.d_model, 0.1)  # [V, D]
        self.out = HookPoint()  # [B, L, N, D]

    def forward(self, ids: Tensor, state: State | None, real: Tensor | None) -> tuple[Tensor, State]:
        """Return the vectors, [B, L, N, D], and the last words at the end."""
        window, behind = super().forward(ids, state, real)
        return self.out(F.embedding(window, self.W_E)), behind


class Hidden(nn.Module):
    """tanh(d + H x), x the vectors of a window side by side."""

    def __init__(self, config: NNLMConfig) -> None:
        super().__init__()
        inputs = config.window * config.d_model
        bound = inputs**-0.5
        self.H = nn.Parameter(torch.empty(config.window, config.d_model, config.d_ff).uniform_(-bound, bound))
        self.d = nn.Parameter(torch.zeros(config.d_ff))
        self.pre = HookPoint()  # [B, L, F]
        self.act = HookPoint()  # [B, L, F]

    def forward(self, x: Tensor) -> Tensor:
        """Return the hidden units: x [B, L, N, D] -> [B, L, F]."""
        H = self.H.flatten(0, 1)
        activated: Tensor = self.act(torch.tanh(self.pre(F.linear(x.flatten(2), H.T, self.d))))
        return activated


class NNLM(Ancestor):
    """Reads the last words, all at once, and says what comes next."""

    config: NNLMConfig

    def __init__(self, config: NNLMConfig) -> None:
        super().__init__(config, nnlm_plan(config))
        self.embed = WindowTable(config)
        self.hidden = Hidden(config)
        self.head = Output(new_table(config.vocab_size, config.d_ff, config.d_ff**-0.5))
        self.dropout = Dropout(config.dropout)
        self._finish()

    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Return the hidden units at every position, and the last words: as in `Ancestor.read`."""
        x, behind = self.embed(ids, state, real)
        return self.dropout(self.hidden(self.dropout(x))), behind


@lru_cache(maxsize=16)
def nnlm_plan(config: NNLMConfig) -> Plan:
    """Return the description of a model of this shape."""
    lookup = Lookup(
        kind="lookup",
        latex=r"x_{i,n,d} = C_{w_{i,n},d}",
        inputs=(".window", ".W_E"),
        symbols=("w_{i,n}", r"C_{w_{i,n},d}"),
    )
    values = tokens_value(), window_value(config.window, config.bos_id), Value("out", "LND", "signed", lookup)
    table = Weight("W_E", "VD")
    embed = Block("embed", "embedding", values, (table,), EmbeddingFacts(), STACK, None, "embedding", WORDS)
    x, H = Factor("x_{i,n,d}", "embed.out", "l N D"), Factor("H_{n,d,f}", ".H", "N D f")
    pre = contraction("pre", "u_{i,f}", "lf", x, H, bias=Factor("d_f", ".d", "f"), over="n,d")
    act = pointwise("act_tanh", operations.TANH, r"a_{i,f} = \tanh(u_{i,f})", ("u_{i,f}", ".pre"))
    units = Value("pre", "LF", "signed", pre), Value("act", "LF", "signed", act)
    facts = FeedForwardFacts("tanh", gated=False)
    weights = Weight("H", "NDF"), Weight("d", "F")
    hidden = Block("hidden", "feed_forward", units, weights, facts, STACK, 0, "hidden", WORDS)
    head = output_block("head", "hidden.act", axis="F", tied=False, letters=("a", "U"))
    axes = ("N", config.window), ("D", config.d_model), ("F", config.d_ff)
    return Plan(config.family, axes, config.words("embed.tokens"), (embed, hidden, head))
