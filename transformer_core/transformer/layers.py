"""One layer of each stack: sub-layers, residual sums and LayerNorms (section 3.1 of the paper).

Post-norm: LayerNorm(x + Sublayer(x)). Pre-norm: x + Sublayer(LayerNorm(x)).
Letters: B batch, L position, D d_model.
"""

from __future__ import annotations

from torch import Tensor, nn

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.attention import Attention, KVCache
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.dropout import Dropout
from transformer_core.transformer.feed_forward import FeedForward
from transformer_core.transformer.layer_norm import LayerNorm
from transformer_core.transformer.masks import Mask


class LayerCache:
    """What one decoder layer remembers between the steps of a decoding."""

    def __init__(self) -> None:
        self.self_attn = KVCache()
        self.cross_attn = KVCache()

    def select(self, rows: Tensor, *, crossed: bool) -> None:
        """Keep these rows of the batch, in this order.

        Args:
            rows: their numbers, [B'].
            crossed: whether those of cross-attention have to be selected too; beams that read one source share them.
        """
        self.self_attn.select(rows)
        if crossed:
            self.cross_attn.select(rows)


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward. Under a causal mask it is the layer of a decoder-only model as well."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.pre_norm = config.norm_position == "pre"
        self.input = HookPoint()  # [B, L, D]
        self.self_attn = Attention(config)
        self.add1 = HookPoint()  # [B, L, D]
        self.ln1 = LayerNorm(config.d_model, config.norm_eps)
        self.ffn = FeedForward(config)
        self.add2 = HookPoint()  # [B, L, D]
        self.ln2 = LayerNorm(config.d_model, config.norm_eps)
        self.out = HookPoint()  # [B, L, D]
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Mask, cache: LayerCache | None = None) -> Tensor:
        """Return the layer's output.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        x = self.input(x)
        kv = None if cache is None else cache.self_attn
        if self.pre_norm:
            x = self.add1(x + self.dropout(self.self_attn(self.ln1(x), mask, cache=kv)))
            x = self.add2(x + self.dropout(self.ffn(self.ln2(x))))
        else:
            x = self.ln1(self.add1(x + self.dropout(self.self_attn(x, mask, cache=kv))))
            x = self.ln2(self.add2(x + self.dropout(self.ffn(x))))
        return self.out(x)


class DecoderLayer(nn.Module):
    """Masked self-attention, cross-attention into the encoder's output, then feed-forward."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.pre_norm = config.norm_position == "pre"
        self.input = HookPoint()  # [B, L, D]
        self.self_attn = Attention(config)
        self.add1 = HookPoint()  # [B, L, D]
        self.ln1 = LayerNorm(config.d_model, config.norm_eps)
        self.cross_attn = Attention(config)
        self.add2 = HookPoint()  # [B, L, D]
        self.ln2 = LayerNorm(config.d_model, config.norm_eps)
        self.ffn = FeedForward(config)
        self.add3 = HookPoint()  # [B, L, D]
        self.ln3 = LayerNorm(config.d_model, config.norm_eps)
        self.out = HookPoint()  # [B, L, D]
        self.dropout = Dropout(config.dropout)

    def forward(
        self, x: Tensor, mask: Mask, memory: Tensor, memory_mask: Mask, cache: LayerCache | None = None
    ) -> Tensor:
        """Return the layer's output.

        Args:
            x: [B, L, D].
            mask: over the target positions.
            memory: the encoder's output, [B, K, D].
            memory_mask: over target and source positions.
            cache: keys and values of earlier steps.

        Shapes: -> [B, L, D].
        """
        x = self.input(x)
        kv, memory_kv = (None, None) if cache is None else (cache.self_attn, cache.cross_attn)
        if self.pre_norm:
            x = self.add1(x + self.dropout(self.self_attn(self.ln1(x), mask, cache=kv)))
            x = self.add2(x + self.dropout(self.cross_attn(self.ln2(x), memory_mask, memory, memory_kv)))
            x = self.add3(x + self.dropout(self.ffn(self.ln3(x))))
        else:
            x = self.ln1(self.add1(x + self.dropout(self.self_attn(x, mask, cache=kv))))
            x = self.ln2(self.add2(x + self.dropout(self.cross_attn(x, memory_mask, memory, memory_kv))))
            x = self.ln3(self.add3(x + self.dropout(self.ffn(x))))
        return self.out(x)
