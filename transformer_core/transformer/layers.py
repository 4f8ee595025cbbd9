"""One layer of a stack: sub-layers, residual sums and normalisations (section 3.1 of the paper).

Post-norm: Norm(x + Sublayer(x)). Pre-norm: x + Sublayer(Norm(x)).
Letters: B batch, L position, K source position, D d_model.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.attention import Attention, KVCache
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.dropout import Dropout
from transformer_core.transformer.feed_forward import make_feed_forward
from transformer_core.transformer.masks import Mask
from transformer_core.transformer.norms import LayerNorm, RMSNorm, make_norm


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
        names = ("self_attn", "cross_attn", "ffn") if crossed else ("self_attn", "ffn")
        self.sums: tuple[tuple[HookPoint, LayerNorm | RMSNorm], ...] = ()  # the same modules, to walk over
        for n, name in enumerate(names, start=1):
            if name == "self_attn":
                self.self_attn = Attention(config, causal=causal)
            elif name == "cross_attn":
                self.cross_attn = Attention(config, causal=False, crossed=True)
            else:
                self.ffn = make_feed_forward(config)
            add, norm = HookPoint(), make_norm(config)  # [B, L, D]
            self.add_module(f"add{n}", add)
            self.add_module(f"ln{n}", norm)
            self.sums = (*self.sums, (add, norm))
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
        sublayers = [partial(self.self_attn, mask=mask, cache=own, places=places)]
        if memory is not None:
            sublayers.append(partial(self.cross_attn, mask=memory_mask, memory=memory, cache=read))
        for sublayer, (add, norm) in zip((*sublayers, self.ffn), self.sums, strict=True):
            if self.pre_norm:
                x = add(x + self.dropout(sublayer(norm(x))))
            else:
                x = norm(add(x + self.dropout(sublayer(x))))
        return self.out(x)
