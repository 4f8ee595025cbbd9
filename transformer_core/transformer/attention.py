"""Multi-head scaled dot-product attention (section 3.2 of the paper), every step a value that can be seen.

Letters: B batch, H head, Q query position, K key position, D d_model, E d_head.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint, is_listening
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.linear import linear
from transformer_core.transformer.masks import Mask, make_mask


class KVCache:
    """The keys and values that one attention block has computed so far, [B, H, K, E] each, or None."""

    def __init__(self) -> None:
        self.k: Tensor | None = None
        self.v: Tensor | None = None

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return all keys and values, the new ones last, and keep them."""
        self.k = k if self.k is None else torch.cat((self.k, k), dim=2)
        self.v = v if self.v is None else torch.cat((self.v, v), dim=2)
        return self.k, self.v

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order; a row may be kept more than once.

        Shapes: rows [B'].
        """
        self.k = None if self.k is None else self.k.index_select(0, rows)
        self.v = None if self.v is None else self.v.index_select(0, rows)


class Attention(nn.Module):
    """softmax(Q K^T / sqrt(d_head)) V in each head, then the sum of the heads through W_O (equation 1).

    In inference every step is explicit and passes a hook point, whoever listens, so that a traced run is bit for bit
    the untraced one. Training uses PyTorch's fused kernel, unless somebody listens.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.n_heads, self.d_head = config.n_heads, config.d_head
        self.attention_dropout = config.attention_dropout
        self.W_Q, self.b_Q = _map(config)
        self.W_K, self.b_K = _map(config)
        self.W_V, self.b_V = _map(config)
        self.W_O, self.b_O = _map(config)  # rows h*E .. (h+1)*E belong to head h
        self.q = HookPoint()  # [B, H, Q, E]
        self.k = HookPoint()  # [B, H, K, E]
        self.v = HookPoint()  # [B, H, K, E]
        self.scores_raw = HookPoint()  # [B, H, Q, K]
        self.scores_scaled = HookPoint()  # [B, H, Q, K]
        self.mask = HookPoint()  # [B, Q, K], one for all heads
        self.scores = HookPoint()  # [B, H, Q, K]
        self.weights = HookPoint()  # [B, H, Q, K]
        self.z = HookPoint()  # [B, H, Q, E]
        self.out = HookPoint()  # [B, Q, D]

    def forward(self, x: Tensor, mask: Mask, memory: Tensor | None = None, cache: KVCache | None = None) -> Tensor:
        """Return what the block adds for every query.

        Args:
            x: where the queries come from, [B, Q, D].
            mask: over these queries and all keys.
            memory: where keys and values come from, [B, K, D]; None is `x` itself (self-attention).
            cache: keys and values of earlier steps; self-attention extends it, cross-attention fills it once.

        Shapes: -> [B, Q, D].
        """
        q = self._heads(x, self.W_Q, self.b_Q)
        if memory is not None and cache is not None and cache.k is not None and cache.v is not None:
            k, v = cache.k, cache.v
        else:
            source = x if memory is None else memory
            k, v = self._heads(source, self.W_K, self.b_K), self._heads(source, self.W_V, self.b_V)
            if cache is not None:
                k, v = cache.extend(k, v)
        if self.training and not is_listening():
            p = self.attention_dropout
            z = F.scaled_dot_product_attention(q, k, v, attn_mask=mask.additive, dropout_p=p)
        else:
            z = self._attend(self.q(q), self.k(k), self.v(v), mask)
        return self.out(linear(z.transpose(1, 2).flatten(2), self.W_O, self.b_O))

    def _heads(self, x: Tensor, W: Tensor, b: Tensor | None) -> Tensor:
        # [B, L, D] -> [B, L, H*E] -> [B, H, L, E]
        return linear(x, W, b).view(*x.shape[:2], self.n_heads, self.d_head).transpose(1, 2)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Mask) -> Tensor:
        scores_raw = self.scores_raw(q @ k.transpose(2, 3))  # [B, H, Q, K]
        scores_scaled = self.scores_scaled(scores_raw / math.sqrt(self.d_head))
        allowed = self.mask(mask.allowed)
        if allowed is not mask.allowed:  # a listener changed it: check it again
            mask = make_mask(allowed, scores_scaled.dtype)
        scores = self.scores(scores_scaled if mask.additive is None else scores_scaled + mask.additive)
        weights = self.weights(scores.softmax(dim=-1))  # each query's row sums to 1
        if self.training:
            weights = F.dropout(weights, self.attention_dropout)
        return self.z(weights @ v)


def _map(config: TransformerConfig) -> tuple[nn.Parameter, nn.Parameter | None]:
    W = nn.Parameter(torch.empty(config.d_model, config.d_model))
    nn.init.xavier_uniform_(W)
    return W, nn.Parameter(torch.zeros(config.d_model)) if config.attention_bias else None
