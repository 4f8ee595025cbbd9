"""Tokens, their positions and segments become vectors (sections 3.4 and 3.5 of the paper).

Letters: B batch, L position, D d_model, V vocabulary.
"""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.blocks import Learned, Sinusoidal
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.ids import unknown_id
from transformer_core.transformer.modules.dropout import Dropout
from transformer_core.transformer.modules.norms import make_norm
from transformer_core.transformer.modules.positions import sinusoidal_positions
from transformer_core.transformer.modules.tables import new_table


class Embedding(nn.Module):
    """Look up each token's vector, scale it by sqrt(d_model), add its position; as far as the config says so."""

    def __init__(self, config: TransformerConfig, vocab_size: int) -> None:
        super().__init__()
        self.config, shape = config, config.embedding
        # Scaled embeddings start with unit variance, as the positions beside them.
        self.W_E = new_table(vocab_size, config.d_model, config.d_model**-0.5 if shape.scale else 0.02)  # [V, D]
        self.tokens = HookPoint()  # [B, L]
        self.lookup = HookPoint()  # [B, L, D]
        if shape.scale:
            self.scaled = HookPoint()  # [B, L, D]
        if isinstance(config.positions, Learned):
            self.W_pos = new_table(config.positions.offset + config.max_length, config.d_model)  # [L, D]
        if isinstance(config.positions, Learned | Sinusoidal):
            self.pos = HookPoint()  # [1, L, D]; [B, L, D] where each row has positions of its own
        if shape.segments:
            self.W_seg = new_table(shape.segments, config.d_model)
            self.segments = HookPoint()  # [B, L]
            self.segment = HookPoint()  # [B, L, D]
        self.out = HookPoint()  # [B, L, D]
        if shape.norm:
            self.ln = make_norm(config)
        self.dropout = Dropout(config.dropout)

    def forward(self, ids: Tensor, start: int = 0, places: Tensor | None = None) -> Tensor:
        """Return the vectors of `ids`, the first of which stands at position `start`.

        Args:
            ids: [B, L].
            start: the same for every row of the batch.
            places: [B, L], where each of them stands, if that differs between the rows.

        Shapes: -> [B, L, D].
        """
        ids = self.tokens(ids)
        try:
            found = F.embedding(ids, self.W_E)
        except IndexError:  # asked for nothing as long as all is well: a decoding comes by for every word
            raise unknown_id(ids, "text", len(self.W_E)) from None
        x = self.lookup(found)
        if self.config.embedding.scale:
            x = self.scaled(x * math.sqrt(self.config.d_model))
        table = self._positions()
        if table is not None:
            added = table[None, start : start + ids.shape[1]] if places is None else F.embedding(places, table)
            if places is None and isinstance(self.config.positions, Learned):
                added = added.clone()  # else a value that is kept would follow W_pos, whatever becomes of it
            x = x + self.pos(added)
        if self.config.embedding.segments:
            x = x + self.segment(F.embedding(self.segments(self._segments(ids)), self.W_seg))
        x = self.out(x)
        return self.dropout(self.ln(x) if self.config.embedding.norm else x)

    def _positions(self) -> Tensor | None:
        """The vectors of all positions from the first one on; None if they are told elsewhere."""
        positions = self.config.positions
        if isinstance(positions, Learned):
            return self.W_pos[positions.offset :]
        if isinstance(positions, Sinusoidal):
            shape = self.config.max_length, self.config.d_model
            return sinusoidal_positions(*shape, self.W_E.dtype, self.W_E.device, positions.layout)
        return None

    def _segments(self, ids: Tensor) -> Tensor:
        """How many signs that end a part stand in front of each token; the last part takes all that follow."""
        ends = (ids == self.config.eos_id).long()
        return (ends.cumsum(dim=1) - ends).clamp(max=self.config.embedding.segments - 1)
