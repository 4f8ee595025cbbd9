"""A task of nothing but memory: say which symbol came first, after many others have been read.

Each learner has about as many parameters as the others, so that none remembers because it is larger. Letters: B items,
L position, D width, V symbols.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from transformer_core.ancestors.cells import CELLS
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

SYMBOLS = 8
KEPT_BY: Mapping[str, str] = {
    "rnn": "h",
    "gru": "z",
    "lstm": "f",
}  # the gate that keeps the state; a plain RNN has none
WIDTHS: Mapping[str, int] = {"rnn": 65, "gru": 38, "lstm": 33, "attention": 34}
FIRST = 3  # id of the first symbol of the Transformer; below it stand its signs


class Chain(nn.Module):
    """A table, a cell, and what tells the symbol from the last state."""

    def __init__(self, kind: str, *, bias: float = 0.0) -> None:
        """Begin as torch.nn does.

        Args:
            kind: of the cell.
            bias: is added to the bias of the gate that keeps the state, if there is one (Gers et al. 2000; Jozefowicz,
                Zaremba & Sutskever 2015).
        """
        super().__init__()
        width = WIDTHS[kind]
        self.embed = nn.Embedding(SYMBOLS, width)
        self.cell = CELLS[kind](width)
        self.head = nn.Linear(width, SYMBOLS)
        if kind != "rnn":
            with torch.no_grad():
                self.cell.get_parameter(f"b_{KEPT_BY[kind]}").add_(bias)

    def forward(self, symbols: Tensor) -> Tensor:
        """Return the logits of the first symbol: [B, L] -> [B, V]."""
        return self.read(self.embed(symbols))

    def read(self, x: Tensor) -> Tensor:
        """Return the same from the vectors that are read, [B, L, D]."""
        logits: Tensor = self.head(self.cell(x, None, None)[0][:, -1])
        return logits


class Looking(nn.Module):
    """One layer of our Transformer, which looks at all symbols at once; its last position says which came first."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        width = WIDTHS["attention"]
        config = TransformerConfig(
            architecture="decoder-only",
            d_model=width,
            n_decoder_layers=1,
            target_vocab_size=FIRST + SYMBOLS,
            max_length=longest,
            attention=AttentionConfig(2, dropout=0.0),
            feed_forward=FeedForwardConfig(60),
            dropout=0.0,
        )
        self.model = Transformer(config)

    def forward(self, symbols: Tensor) -> Tensor:
        """Return the logits of the first symbol: [B, L] -> [B, V]."""
        logits: Tensor = self.model(target=symbols + FIRST)[:, -1, FIRST:]
        return logits


def draw(n: int, distance: int, dice: torch.Generator) -> Tensor:
    """Return symbols [B, distance + 1], all of them drawn; the first is the one to be remembered."""
    return torch.randint(SYMBOLS, (n, distance + 1), generator=dice)
