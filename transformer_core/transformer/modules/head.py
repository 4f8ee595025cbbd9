"""The output head (section 3.4 of the paper), plain, scaled, or behind a transform.

Letters: B batch, L position, D d_model, V vocabulary.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint
from transformer_core.glass.model import Head
from transformer_core.transformer.blocks import HeadConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.modules.embedding import Embedding
from transformer_core.transformer.modules.feed_forward import ACTIVATIONS
from transformer_core.transformer.modules.linear import linear
from transformer_core.transformer.modules.norms import make_norm
from transformer_core.transformer.modules.tables import new_matrix


class OutputHead(Head):
    """From the last vectors to one logit per word: x W^T (+ b), after a transform in masked-language models."""

    def __init__(self, config: TransformerConfig, shape: HeadConfig, embedding: Embedding) -> None:
        super().__init__()
        self.shape, self.root = shape, math.sqrt(config.d_model)
        if shape.transform:
            self.W_dense = new_matrix(config.d_model, config.d_model)
            self.b_dense = nn.Parameter(torch.zeros(config.d_model))
            self.activation = ACTIVATIONS[config.feed_forward.activation]
            self.dense = HookPoint()  # [B, L, D]
            self.act = HookPoint()  # [B, L, D]
            self.ln = make_norm(config)
        if shape.scale:
            self.divided = HookPoint()  # [B, L, D]
        self.W = embedding.W_E if shape.tied else new_matrix(config.vocab_size, config.d_model)
        self.b = nn.Parameter(torch.zeros(config.vocab_size)) if shape.bias else None
        self.logits = HookPoint()  # [B, L, V]

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits.

        Shapes: x [B, L, D] -> [B, L, V].
        """
        assert self.W is not None
        return self.logits(F.linear(self.transformed(x), self.W, self.b))

    def transformed(self, x: Tensor) -> Tensor:
        """Return what is multiplied with the table of words: `x` itself, unless the head has a transform or divides.

        Shapes: x [..., D] -> [..., D].
        """
        if self.shape.transform:
            x = self.ln(self.act(self.activation(self.dense(linear(x, self.W_dense, self.b_dense)))))
        return self.divided(x / self.root) if self.shape.scale else x
