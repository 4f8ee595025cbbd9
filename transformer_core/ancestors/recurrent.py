"""A recurrent network that tells the next word: a table, a cell, and the table again to say it (Mikolov et al. 2010).

Letters: B batch, L position, D width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor

from transformer_core.ancestors.base import Ancestor, AncestorConfig, State
from transformer_core.ancestors.cell_plans import cell_block
from transformer_core.ancestors.cells import CELLS
from transformer_core.ancestors.parts import Output, Table, output_block, table_block, word_table
from transformer_core.glass.plan import Plan
from transformer_core.transformer.modules.dropout import Dropout
from transformer_core.transformer.records import check_at_least, check_rate


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig(AncestorConfig):
    """The shape of a recurrent network; its subclasses say which cell it has.

    Attributes:
        d_model: width of the vectors and of the state; the softmax multiplies by the table of words.
        dropout: rate on what the cell reads and on what it hands on (Zaremba et al. 2014), in training.
    """

    d_model: int
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least(self, "", d_model=1)
        check_rate(self, "", "dropout")


@dataclass(frozen=True, kw_only=True)
class RNNConfig(RecurrentConfig):
    """The shape of a network with Elman's cell."""

    family = "rnn"


@dataclass(frozen=True, kw_only=True)
class GRUConfig(RecurrentConfig):
    """The shape of a network of gated recurrent units."""

    family = "gru"


@dataclass(frozen=True, kw_only=True)
class LSTMConfig(RecurrentConfig):
    """The shape of a network of long short-term memory."""

    family = "lstm"


class Recurrent(Ancestor):
    """Reads word after word into a state, and says from it what comes next."""

    config: RecurrentConfig

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__(config, recurrent_plan(config))
        self.embed = Table(word_table(config.vocab_size, config.d_model))
        self.cell = CELLS[config.family](config.d_model)
        self.head = Output(self.embed.W_E)
        self.dropout = Dropout(config.dropout)
        self._finish()

    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Return h at every position, and the state behind the last: as in `Ancestor.read`."""
        h, behind = self.cell(self.dropout(self.embed(ids)), state, real)
        return self.dropout(h), behind


@lru_cache(maxsize=16)
def recurrent_plan(config: RecurrentConfig) -> Plan:
    """Return the description of a recurrent network of this shape."""
    blocks = (
        table_block("embed"),
        cell_block("cell", config.family, "embed.out"),
        output_block("head", "cell.h", tied=True),
    )
    return Plan(config.family, (("D", config.d_model),), config.words("embed.tokens"), blocks)
