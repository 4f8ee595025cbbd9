"""Tiny models for the tests: prime sizes, so that no axis can be taken for another, and every parameter random."""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import is_dataclass, replace
from itertools import product
from typing import Any

import torch
from torch import Tensor

from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
    RelativeBias,
    Rotary,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.first_format import FirstConfig
from transformer_core.transformer.model import Transformer

B, S, T, H, E, F, V = 2, 5, 7, 3, 4, 11, 13
D = H * E
SOURCE_V, MAX_LENGTH = 17, 19
FLAT = {field.name for field in fields_of(FirstConfig)}
SIZES = {"H": H, "E": E, "D": D, "F": F, "1": 1}

ARCHITECTURES = ("encoder-decoder", "encoder-only", "decoder-only")
NORMS = ("post", "pre")
SHAPES = [{"architecture": a, "norm_position": n} for a, n in product(ARCHITECTURES, NORMS)]
DECODER_SHAPES = [shape for shape in SHAPES if shape["architecture"] != "encoder-only"]
# Every option that adds or removes a value or a parameter, against the default.
OTHER_OPTIONS: dict[str, Any] = {
    "activation": "gelu_tanh",
    "positions": "learned",
    "scale_embedding": False,
    "tie_output": False,
    "attention_bias": False,
    "feed_forward_bias": False,
    "output_bias": True,
    "head_transform": True,
}

# One sentence (a word occurs twice), and a batch in which the second row is padded.
SOURCE_IDS, TARGET_IDS = [3, 16, 7, 16, 2], [1, 5, 12, 3, 7, 5, 4]
SOURCE = torch.tensor([SOURCE_IDS, [6, 9, 2, 0, 0]])
TARGET = torch.tensor([TARGET_IDS, [1, 8, 11, 0, 0, 0, 0]])


def make_config(architecture: str = "encoder-decoder", **changes: Any) -> TransformerConfig:
    """A valid config with prime sizes, two layers a stack, and the given fields changed.

    A field is one of the flat ones of the first format, or one of today's, which hold records.
    """
    fields: dict[str, Any] = {"d_model": D, "n_heads": H, "d_ff": F, "max_length": MAX_LENGTH}
    if architecture != "decoder-only":
        fields |= {"n_encoder_layers": 2, "source_vocab_size": SOURCE_V}
    if architecture != "encoder-only":
        fields |= {"n_decoder_layers": 2, "target_vocab_size": V}
    flat = {name: value for name, value in changes.items() if name in FLAT and not is_dataclass(value)}
    records = {name: value for name, value in changes.items() if name not in flat}
    return replace(FirstConfig(**{"architecture": architecture} | fields | flat).today(), **records)


_GROUPED = AttentionConfig(4, n_kv_heads=2, d_head=2, bias=True, out_bias=False)
_UNSCALED = AttentionConfig(H, d_head=2, scale=False, bias=False, out_bias=False)
_GATED = FeedForwardConfig(F, "silu", bias=False, gated=True)
# One model of each way to tell positions, with the other variants that go with it, by the family that it is like.
VARIANTS = {
    "bert": make_config(
        "encoder-only",
        norm_eps=1e-12,
        positions=Learned(),
        embedding=EmbeddingConfig(scale=False, segments=2, norm=True),
        feed_forward=FeedForwardConfig(F, "gelu"),
        head=HeadConfig(bias=True, transform=True),
    ),
    "roberta without a head": make_config(
        "encoder-only",
        positions=Learned(offset=2),
        embedding=EmbeddingConfig(scale=False, segments=1, norm=True),
        head=None,
    ),
    "marian": make_config(
        target_vocab_size=SOURCE_V,
        positions=Sinusoidal("halves"),
        embedding=EmbeddingConfig(tied=True),
        feed_forward=FeedForwardConfig(F, "silu"),
        head=HeadConfig(bias=True),
    ),
    "t5": make_config(
        order="pre",
        positions=RelativeBias(4, 5),
        embedding=EmbeddingConfig(scale=False),
        attention=_UNSCALED,
        feed_forward=_GATED,
        norm=NormConfig("rms_norm", 1e-6),
        head=HeadConfig(scale=True),
        bos_id=0,
        eos_id=1,
    ),
    "llama": make_config(
        "decoder-only",
        order="pre",
        positions=Rotary(),
        embedding=EmbeddingConfig(scale=False),
        attention=_GROUPED,
        feed_forward=_GATED,
        norm=NormConfig("rms_norm"),
    ),
}


def config_name(config: TransformerConfig) -> str:
    """What a test of one config is called."""
    return f"{config.architecture}-{config.order}-{type(config.positions).__name__}"


def make_model(
    config: TransformerConfig | None = None, *, dtype: torch.dtype = torch.float64, seed: int = 0, **changes: Any
) -> Transformer:
    """A model in eval mode whose every parameter is random: fresh biases are 0 and fresh gammas 1, which hides bugs."""
    model = Transformer(config or make_config(**changes))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(1 + 0.3 * noise if name.endswith("gamma") else 0.5 * noise)
    return model.to(dtype).eval()


def batch_for(config: TransformerConfig) -> tuple[Tensor | None, Tensor | None]:
    """The arguments of `model(...)`: the batch, of which a one-stack model gets one side."""
    return SOURCE if config.has_encoder else None, TARGET if config.has_decoder else None


def trace_of(model: Transformer, source: list[int] = SOURCE_IDS, target: list[int] = TARGET_IDS, **more: Any) -> Trace:
    """A trace of one sentence (pair), of which a one-stack model gets one side."""
    has_source, has_target = model.config.has_encoder, model.config.has_decoder
    return run_with_trace(model, source if has_source else None, target if has_target else None, **more)


def shape_name(shape: dict[str, Any]) -> str:
    """A short name for a test's id."""
    return "-".join(str(value) for value in shape.values())
