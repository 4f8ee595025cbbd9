"""Multi-head scaled dot-product attention (section 3.2 of the paper), every step a value that can be seen.

Letters: B batch, H head, G key/value head, Q query position, K key position, D d_model, E d_head.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint, is_listening
from transformer_core.transformer.blocks import RelativeBias, Rotary
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.masks import Mask, make_mask
from transformer_core.transformer.modules.linear import linear
from transformer_core.transformer.modules.positions import buckets_between, buckets_of, rotated, rotations
from transformer_core.transformer.modules.tables import new_matrix, new_table


class KVCache:
    """The keys and values that one attention block has computed so far, [B, G, K, E] each, or None."""

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

    def __init__(self, config: TransformerConfig, *, causal: bool = True, crossed: bool = False) -> None:
        """Make a fresh block.

        Args:
            config: the shape of the model.
            causal: whether a query attends to no later key.
            crossed: whether keys are of another text, to which no query has a distance.
        """
        super().__init__()
        heads = config.attention
        self.n_heads, self.n_kv_heads, self.d_head = config.n_heads, config.n_kv_heads, config.d_head
        self.shared = self.n_heads // self.n_kv_heads  # so many heads read one head of keys and values
        self.scale, self.attention_dropout, self.causal = heads.scale, heads.dropout, causal
        self.max_length = config.max_length
        self.rotary = config.positions if isinstance(config.positions, Rotary) and not crossed else None
        self.relative = config.positions if isinstance(config.positions, RelativeBias) and not crossed else None
        inner, read = self.n_heads * self.d_head, self.n_kv_heads * self.d_head
        self.W_Q, self.b_Q = _map(config.d_model, inner, bias=heads.bias)
        self.W_K, self.b_K = _map(config.d_model, read, bias=heads.bias)
        self.W_V, self.b_V = _map(config.d_model, read, bias=heads.bias)
        self.W_O, self.b_O = _map(inner, config.d_model, bias=heads.out_bias)  # rows h*E .. (h+1)*E belong to head h
        self.q = HookPoint()  # [B, H, Q, E]
        self.k = HookPoint()  # [B, G, K, E]
        self.v = HookPoint()  # [B, G, K, E]
        if self.rotary is not None:
            self.q_rot = HookPoint()  # [B, H, Q, E]
            self.k_rot = HookPoint()  # [B, G, K, E]
        self.scores_raw = HookPoint()  # [B, H, Q, K]
        if self.scale:
            self.scores_scaled = HookPoint()  # [B, H, Q, K]
        if self.relative is not None:
            self.W_bias = new_table(self.relative.buckets, self.n_heads)
            self.bias = HookPoint()  # [1, H, Q, K]; [B, H, Q, K] where each row has positions of its own
            self.scores_biased = HookPoint()  # [B, H, Q, K]
        self.mask = HookPoint()  # [B, Q, K], one for all heads
        self.scores = HookPoint()  # [B, H, Q, K]
        self.weights = HookPoint()  # [B, H, Q, K]
        self.z = HookPoint()  # [B, H, Q, E]
        self.out = HookPoint()  # [B, Q, D]

    def forward(
        self,
        x: Tensor,
        mask: Mask,
        memory: Tensor | None = None,
        cache: KVCache | None = None,
        places: Tensor | None = None,
    ) -> Tensor:
        """Return what the block adds for every query.

        Args:
            x: where the queries come from, [B, Q, D].
            mask: over these queries and all keys.
            memory: where keys and values come from, [B, K, D]; None is `x` itself (self-attention).
            cache: keys and values of earlier steps; self-attention extends it, cross-attention fills it once.
            places: where the keys stand, [B, K], the queries last, if that differs between the rows.

        Shapes: -> [B, Q, D].
        """
        q = self._heads(x, self.W_Q, self.b_Q, self.n_heads)
        if memory is not None and cache is not None and cache.k is not None and cache.v is not None:
            k, v = cache.k, cache.v
        else:
            source = x if memory is None else memory
            k = self._heads(source, self.W_K, self.b_K, self.n_kv_heads)
            v = self._heads(source, self.W_V, self.b_V, self.n_kv_heads)
            if cache is not None:
                k, v = cache.extend(k, v)
        fused = self.training and not is_listening()
        z = self._fused(q, k, v, mask, places) if fused else self._attend(q, k, v, mask, places)
        return self.out(linear(z.transpose(1, 2).flatten(2), self.W_O, self.b_O))

    def _heads(self, x: Tensor, W: Tensor, b: Tensor | None, n_heads: int) -> Tensor:
        # [B, L, D] -> [B, L, H*E] -> [B, H, L, E]
        return linear(x, W, b).view(*x.shape[:2], n_heads, self.d_head).transpose(1, 2)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Mask, places: Tensor | None) -> Tensor:
        q, k, v = self.q(q), self.k(k), self.v(v)
        if self.rotary is not None:
            q, k = self._turned(q, k, self.rotary, places)
            q, k = self.q_rot(q), self.k_rot(k)
        if self.shared > 1:
            k, v = k.repeat_interleave(self.shared, dim=1), v.repeat_interleave(self.shared, dim=1)
        scores = self.scores_raw(q @ k.transpose(2, 3))  # [B, H, Q, K]
        if self.scale:
            scores = self.scores_scaled(scores / math.sqrt(self.d_head))
        if self.relative is not None:
            scores = self.scores_biased(scores + self.bias(self._bias(q, k, self.relative, places)))
        allowed = self.mask(mask.allowed)
        if allowed is not mask.allowed:  # a listener changed it: check it again
            mask = make_mask(allowed, scores.dtype)
        scores = self.scores(scores if mask.additive is None else scores + mask.additive)
        weights = self.weights(scores.softmax(dim=-1))  # each query's row sums to 1
        if self.training:
            weights = F.dropout(weights, self.attention_dropout)
        return self.z(weights @ v)

    def _fused(self, q: Tensor, k: Tensor, v: Tensor, mask: Mask, places: Tensor | None) -> Tensor:
        if self.rotary is not None:
            q, k = self._turned(q, k, self.rotary, places)
        added = mask.additive
        if self.relative is not None:
            bias = self._bias(q, k, self.relative, places)
            added = bias if added is None else bias + added
        return F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=added,
            dropout_p=self.attention_dropout,
            scale=None if self.scale else 1.0,
            enable_gqa=self.shared > 1,
        )

    def _turned(self, q: Tensor, k: Tensor, rotary: Rotary, places: Tensor | None) -> tuple[Tensor, Tensor]:
        tables = rotations(self.max_length, self.d_head, rotary, q.dtype, q.device)
        if places is None:
            cosine, sine = (table[: k.shape[2]] for table in tables)  # [K, E]
        else:
            cosine, sine = (F.embedding(places, table)[:, None] for table in tables)  # [B, 1, K, E]
        first = k.shape[2] - q.shape[2]
        return rotated(q, cosine[..., first:, :], sine[..., first:, :]), rotated(k, cosine, sine)

    def _bias(self, q: Tensor, k: Tensor, relative: RelativeBias, places: Tensor | None) -> Tensor:
        n_queries, n_keys = q.shape[2], k.shape[2]
        if places is None:
            buckets = buckets_between(n_queries, n_keys, relative, self.causal, q.device)[None]
        else:
            ahead = places[:, None] - places[:, n_keys - n_queries :, None]  # [B, Q, K]
            buckets = buckets_of(ahead, relative, causal=self.causal)
        return F.embedding(buckets, self.W_bias).permute(0, 3, 1, 2)  # [B, Q, K, H] -> [B, H, Q, K]


def _map(n_in: int, n_out: int, *, bias: bool) -> tuple[nn.Parameter, nn.Parameter | None]:
    return new_matrix(n_in, n_out), nn.Parameter(torch.zeros(n_out)) if bias else None
