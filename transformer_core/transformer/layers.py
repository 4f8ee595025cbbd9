"""One layer of a stack: sub-layers, residual sums and normalisations (section 3.1 of the paper).

Post-norm: Norm(x + Sublayer(x)). Pre-norm: x + Sublayer(Norm(x)).
Letters: B batch, L position, K source position, D d_model.
"""

from __future__ import annotations

from torch import Tensor, nn

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.masks import Mask
from transformer_core.transformer.modules.attention import Attention, KVCache
from transformer_core.transformer.modules.dropout import Dropout
from transformer_core.transformer.modules.feed_forward import make_feed_forward
from transformer_core.transformer.modules.norms import make_norm


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


class Layer(nn.Module):
    """Self-attention, cross-attention if there is something to read, then feed-forward.

    The n-th of them has a residual sum `add{n}` and a normalisation `ln{n}`.
    """

    def __init__(self, config: TransformerConfig, *, causal: bool, crossed: bool) -> None:
        super().__init__()
        self.pre_norm = config.order == "pre"
        self.input = HookPoint()  # [B, L, D]
        self.self_attn = Attention(config, causal=causal)
        self.add1 = HookPoint()  # [B, L, D]
        self.ln1 = make_norm(config)
        if crossed:
            self.cross_attn = Attention(config, causal=False, crossed=True)
            self.add2 = HookPoint()  # [B, L, D]
            self.ln2 = make_norm(config)
        self.ffn = make_feed_forward(config)
        last = HookPoint(), make_norm(config)  # [B, L, D]
        for name, module in zip(("add", "ln"), last, strict=True):
            self.add_module(f"{name}{3 if crossed else 2}", module)
        self.last = last  # the same modules under one name
        self.out = HookPoint()  # [B, L, D]
        self.dropout = Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        mask: Mask,
        memory: Tensor | None = None,
        memory_mask: Mask | None = None,
        places: Tensor | None = None,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """Return the layer's output.

        Args:
            x: [B, L, D].
            mask: over the layer's own positions.
            memory: the encoder's output, [B, K, D], if the layer reads it.
            memory_mask: over own and source positions.
            places: as in `Attention.forward`.
            cache: keys and values of earlier steps.

        Shapes: -> [B, L, D].
        """
        x = self.input(x)
        own, read = (None, None) if cache is None else (cache.self_attn, cache.cross_attn)
        add, norm = self.last
        if self.pre_norm:
            x = self.add1(x + self.dropout(self.self_attn(self.ln1(x), mask, None, own, places)))
            if memory is not None and memory_mask is not None:
                x = self.add2(x + self.dropout(self.cross_attn(self.ln2(x), memory_mask, memory, read)))
            x = add(x + self.dropout(self.ffn(norm(x))))
        else:
            x = self.ln1(self.add1(x + self.dropout(self.self_attn(x, mask, None, own, places))))
            if memory is not None and memory_mask is not None:
                x = self.ln2(self.add2(x + self.dropout(self.cross_attn(x, memory_mask, memory, read))))
            x = norm(add(x + self.dropout(self.ffn(x))))
        return self.out(x)
