"""The whole Transformer: embeddings, stacks and head, in the three architectures.

Letters: B batch, S source position, T target position, L either, D d_model, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from transformer_core.glass.errors import TargetError
from transformer_core.glass.guards.arguments import flag, made_plain, text
from transformer_core.glass.guards.parts import finish
from transformer_core.glass.hooks import HookPoint, name_hook_points
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.walks import matrices_of, n_layers, with_role
from transformer_core.transformer.blocks import RelativeBias
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.ids import Side, as_ids
from transformer_core.transformer.layers import Layer, LayerCache
from transformer_core.transformer.masks import Mask, causal_mask, make_mask, padding_mask
from transformer_core.transformer.modules.embedding import Embedding
from transformer_core.transformer.modules.head import OutputHead
from transformer_core.transformer.modules.norms import make_norm
from transformer_core.transformer.plans import transformer_plan


class Stack(nn.Module):
    """The layers of one side, registered under their number, and in pre-norm one more normalisation behind them."""

    def __init__(self, config: TransformerConfig, n_layers: int, *, causal: bool, crossed: bool) -> None:
        super().__init__()
        layers = [Layer(config, causal=causal, crossed=crossed) for _ in range(n_layers)]
        for number, layer in enumerate(layers):
            self.add_module(str(number), layer)
            if isinstance(config.positions, RelativeBias):
                layer.self_attn.W_bias = layers[0].self_attn.W_bias
        self.layers: tuple[Layer, ...] = tuple(layers)  # the same modules, to walk over
        self.pre_norm = config.order == "pre"
        if self.pre_norm:
            self.norm = make_norm(config)
        self.out = HookPoint()  # [B, L, D]

    def forward(
        self,
        x: Tensor,
        mask: Mask,
        memory: Tensor | None = None,
        memory_mask: Mask | None = None,
        *,
        places: Tensor | None = None,
        caches: Sequence[LayerCache] | None = None,
    ) -> Tensor:
        """Return the output of the last layer; the other arguments go to every layer, each with its cache.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        for number, layer in enumerate(self.layers):
            x = layer(x, mask, memory, memory_mask, places, None if caches is None else caches[number])
        return self.out(self.norm(x) if self.pre_norm else x)


class Transformer(LanguageModel):
    """A Transformer of the given shape, with fresh weights.

    Its hook points bear the keys that its plan lists. Its parts are fixed once it is built: a parameter can be written
    into, or replaced by one of its shape; all else raises a ModelChangedError.

    Attributes:
        origin: of the files that it was loaded from, where a saved trace can refer to them; None for others.
    """

    config: TransformerConfig

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        made_plain(TransformerConfig, "config", config)
        self.config = config
        self.plan = transformer_plan(config)
        if config.has_encoder:
            self.src_embed = Embedding(config, config.source_vocab_size)
            self.encoder = Stack(config, config.n_encoder_layers, causal=False, crossed=False)
        if config.has_decoder:
            self.tgt_embed = Embedding(config, config.target_vocab_size)
            self.decoder = Stack(config, config.n_decoder_layers, causal=True, crossed=config.has_cross_attention)
        if config.embedding.tied:
            self.tgt_embed.W_E = self.src_embed.W_E
        if config.head is not None:
            self.head = OutputHead(config, config.head, self.tgt_embed if config.has_decoder else self.src_embed)
        self._shrink_sublayer_outputs()
        name_hook_points(self)
        finish(self)
        self._parameter_tables = [
            (f"{path}.{name}", module._parameters, name)
            for path, module in self.named_modules()
            for name in module._parameters
        ]

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return (self.src_embed if self.config.has_encoder else self.tgt_embed).W_E.device

    def forward(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the logits at every position of the side that is written; without a head, the last vectors.

        Args:
            source: ids [B, S], padded on the right; None for a decoder-only model.
            target: ids [B, T] that the decoder reads, padded on the right; None for an encoder-only model.
            padded: whether pad_id is padding in the target, too; False for what a model wrote itself, where it is a
                word like another.

        Shapes: -> [B, T, V], or [B, S, V] in an encoder-only model, [B, S, D] without a head.

        Raises:
            TargetError: if a side is given that the model lacks, or missing that it needs.
            ShapeError: if ids are not an integer matrix of at most max_length columns, or if padding lies anywhere but
                on the right of the words.
            UnknownIdError: if an id is no word of its side.
            BlockedRowError: if a source is all padding.
        """
        x = self.features(source, target, padded=padded)
        return x if self.config.head is None else self.head(x)

    def pass_over(self, **ids: Tensor) -> Tensor:
        """Return the logits of one text of each side, in which padding of the target is a word like another."""
        logits: Tensor = self(**ids, padded=False)
        return logits

    def features(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the last vectors, which the head reads; arguments and errors as in `forward`.

        Shapes: -> [B, L, D].
        """
        source, target = self.checked_ids("source", source), self.checked_ids("target", target, padded=padded)
        memory = None if source is None else self._encode(source)
        if target is None:
            assert memory is not None
            return memory
        return self.decode(target, memory, source)

    def encode(self, source: Tensor) -> Tensor:
        """Return the encoder's output.

        Shapes: source [B, S] -> [B, S, D].

        Raises:
            TargetError, ShapeError, UnknownIdError, BlockedRowError: as in `forward`.
        """
        checked = self.checked_ids("source", source)
        assert checked is not None
        return self._encode(checked)

    def _encode(self, source: Tensor) -> Tensor:
        x = self.src_embed(source)
        encoded: Tensor = self.encoder(x, padding_mask(source, source.shape[1], self.config.pad_id, x.dtype))
        return encoded

    def decode(
        self,
        target: Tensor,
        memory: Tensor | None,
        source: Tensor | None,
        caches: Sequence[LayerCache] | None = None,
        *,
        real: Tensor | None = None,
    ) -> Tensor:
        """Return the decoder's output for `target`, which follows whatever `caches` already hold.

        Padding of the target lies on the right, so the causal mask hides it from every real position.

        Args:
            target: ids [B, T]; the new ones only, when there are caches.
            memory: the encoder's output [B, S, D], None in a decoder-only model.
            source: the ids it was made of, for its padding.
            caches: one per layer, from `new_caches`; they are extended.
            real: bool [B, K], which of all ids, cached and new, are no padding; needed once something stands to the
                right of padding, as in the steps after prefixes of different length. A position is then how many real
                ids stand in front of it.

        Shapes: -> [B, T, D].
        """
        past = 0 if caches is None or caches[0].self_attn.k is None else caches[0].self_attn.k.shape[2]
        places = None if real is None else (real.long().cumsum(dim=1) - 1).clamp(min=0)  # [B, K]
        x = self.tgt_embed(target, past, None if places is None else places[:, past:])
        n_new = target.shape[1]
        mask = causal_mask(n_new, past + n_new, x.dtype, x.device)
        if real is not None:
            mask = make_mask(mask.allowed & real[:, None], x.dtype)
        memory_mask = None if source is None else padding_mask(source, n_new, self.config.pad_id, x.dtype)
        decoded: Tensor = self.decoder(x, mask, memory, memory_mask, places=places, caches=caches)
        return decoded

    def new_caches(self) -> list[LayerCache]:
        """Return empty caches for a decoding."""
        return [LayerCache() for _ in range(self.config.n_decoder_layers)]

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return what `named_parameters` names, and a tied parameter under each of its names.

        Walking over all modules takes a tenth of a small pass, and every trace names its parameters: it is done once.
        """
        return {path: p for path, table, name in self._parameter_tables if (p := table[name]) is not None}

    def _shrink_sublayer_outputs(self) -> None:
        # Each sub-layer starts as a small change of the residual stream (Radford et al. 2019, section 2.3); post-norm
        # then bears a higher rate and a shorter warm-up.
        for block in with_role(self.plan, "attention", "feed_forward"):
            written = self.get_parameter(f"{block.path}.{matrices_of(block)[-1].name}")
            written.data.mul_((2 * n_layers(self.plan, block.stack)) ** -0.5)

    def checked_ids(self, side: Side, ids: Any, *, padded: bool = True) -> Tensor | None:
        """Return ids as the tensor that this model reads on that side; errors as in `forward`.

        Tensors and arrays of every integer type will do, and lists of lists; None for a side that is not there.
        """
        there = self.config.has_encoder if text("side", side) == "source" else self.config.has_decoder
        if (ids is not None) != there:
            given = "no" if ids is None else "a"
            raise TargetError(
                f"{given} {side} was given, and this {self.config.architecture} model "
                f"{'needs one' if there else 'has none: leave it out'}",
                side=side,
                architecture=self.config.architecture,
            )
        return None if ids is None else as_ids(self.config, side, ids, self.device, flag("padded", padded))
