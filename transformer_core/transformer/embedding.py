"""Tokens and their positions become vectors (sections 3.4 and 3.5 of the paper).

Letters: B batch, L position, D d_model, V vocabulary.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.dropout import Dropout
from transformer_core.transformer.ids import unknown_id


@lru_cache(maxsize=32)
def sinusoidal_positions(length: int, d_model: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return PE(pos, 2i) = sin(pos / 10000^(2i/D)) and PE(pos, 2i+1) = cos(the same) (section 3.5).

    Shapes: -> [L, D]. The table is shared: do not write into it.
    """
    with torch.inference_mode(False):
        positions = torch.arange(length, dtype=torch.float64)[:, None]
        even = torch.arange(0, d_model, 2, dtype=torch.float64)
        angles = positions / 10000.0 ** (even / d_model)  # [L, D/2]
        table = torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)
        return table.to(dtype=dtype, device=device)


class Embedding(nn.Module):
    """Look up each token's vector, scale it by sqrt(d_model), add its position."""

    def __init__(self, config: TransformerConfig, vocab_size: int) -> None:
        super().__init__()
        self.config = config
        self.W_E = nn.Parameter(torch.empty(vocab_size, config.d_model))  # [V, D]
        # Scaled embeddings start with unit variance, as the positions beside them.
        nn.init.normal_(self.W_E, std=config.d_model**-0.5 if config.scale_embedding else 0.02)
        if config.positions == "learned":
            self.W_pos = nn.Parameter(torch.empty(config.max_length, config.d_model))  # [L, D]
            nn.init.normal_(self.W_pos, std=0.02)
        self.tokens = HookPoint()  # [B, L]
        self.lookup = HookPoint()  # [B, L, D]
        if config.scale_embedding:
            self.scaled = HookPoint()  # [B, L, D]
        self.pos = HookPoint()  # [1, L, D]; [B, L, D] where each row has positions of its own
        self.out = HookPoint()  # [B, L, D]
        self.dropout = Dropout(config.dropout)

    def forward(self, ids: Tensor, start: int = 0, positions: Tensor | None = None) -> Tensor:
        """Return the vectors of `ids`, the first of which stands at position `start`.

        Args:
            ids: [B, L].
            start: the same for every row of the batch.
            positions: [B, L], where each of them stands, if that differs between the rows.

        Shapes: -> [B, L, D].
        """
        ids = self.tokens(ids)
        try:
            found = F.embedding(ids, self.W_E)
        except IndexError:  # asked for nothing as long as all is well: a decoding comes by for every word
            raise unknown_id(ids, "text", len(self.W_E)) from None
        x = self.lookup(found)
        if self.config.scale_embedding:
            x = self.scaled(x * math.sqrt(self.config.d_model))
        if positions is None:
            added = self._table()[None, start : start + ids.shape[1]]
            if self.config.positions == "learned":
                added = added.clone()  # else a value that is kept would follow W_pos, whatever becomes of it
        else:
            added = F.embedding(positions, self._table())
        return self.dropout(self.out(x + self.pos(added)))

    def _table(self) -> Tensor:
        if self.config.positions == "learned":
            return self.W_pos
        return sinusoidal_positions(self.config.max_length, self.config.d_model, self.W_E.dtype, self.W_E.device)
