"""What files of the first format say, in today's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from transformer_core.glass.plan import Plan
from transformer_core.glass.words import Word, Words
from transformer_core.transformer.blocks import (
    Activation,
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
    Sinusoidal,
)
from transformer_core.transformer.config import Architecture, Order, TransformerConfig
from transformer_core.transformer.plans import SOURCE, TARGET, transformer_plan
from transformer_core.transformer.records import check_names, check_types

_SPECIAL = ("<pad>", "<s>", "</s>")


@dataclass(frozen=True, kw_only=True)
class FirstConfig:
    """The fields of a config.json of the first format, which had no records inside; it names them all."""

    architecture: Architecture = "encoder-decoder"
    d_model: int
    n_heads: int
    d_ff: int
    n_encoder_layers: int = 0
    n_decoder_layers: int = 0
    source_vocab_size: int = 0
    target_vocab_size: int = 0
    max_length: int = 64
    norm_position: Order = "post"
    norm_eps: float = 1e-5
    activation: Activation = "relu"
    positions: Literal["sinusoidal", "learned"] = "sinusoidal"
    scale_embedding: bool = True
    tie_output: bool = True
    tie_embeddings: bool = False
    attention_bias: bool = True
    feed_forward_bias: bool = True
    output_bias: bool = False
    head_transform: bool = False
    dropout: float = 0.1
    attention_dropout: float = 0.1
    pad_id: int = 0
    bos_id: int = 1
    eos_id: int = 2

    def __post_init__(self) -> None:
        check_types(self)

    def today(self) -> TransformerConfig:
        """Return the same in today's records."""
        bias = self.attention_bias
        return TransformerConfig(
            architecture=self.architecture,
            d_model=self.d_model,
            n_encoder_layers=self.n_encoder_layers,
            n_decoder_layers=self.n_decoder_layers,
            source_vocab_size=self.source_vocab_size,
            target_vocab_size=self.target_vocab_size,
            max_length=self.max_length,
            order=self.norm_position,
            positions=Learned() if self.positions == "learned" else Sinusoidal(),
            embedding=EmbeddingConfig(scale=self.scale_embedding, tied=self.tie_embeddings),
            attention=AttentionConfig(self.n_heads, bias=bias, out_bias=bias, dropout=self.attention_dropout),
            feed_forward=FeedForwardConfig(self.d_ff, self.activation, self.feed_forward_bias),
            norm=NormConfig(eps=self.norm_eps),
            head=HeadConfig(self.tie_output, self.output_bias, self.head_transform),
            dropout=self.dropout,
            pad_id=self.pad_id,
            bos_id=self.bos_id,
            eos_id=self.eos_id,
        )


def read_config(values: Mapping[str, Any]) -> TransformerConfig:
    """Return the configuration in a config.json of the first format.

    Raises:
        ConfigError: if a field is missing or unknown, or a value makes no sense.
    """
    check_names(set(values), {field.name for field in fields(FirstConfig)})
    return FirstConfig(**values).today()


def plan_and_words(header: Mapping[str, Any]) -> tuple[Plan, dict[str, Words]]:
    """Return the plan and the words of a saved trace.

    Raises:
        ConfigError, KeyError, TypeError: if they are not what the first format wrote.
    """
    config = read_config(header["config"])
    source, target, written = (_row(header[f"{name}_tokens"]) for name in ("source", "target", "written"))
    ids = tuple(int(i) for i in header["written_ids"])
    words: dict[str, Words] = {}
    if config.has_encoder:
        words[SOURCE] = Words(source)
    if config.has_decoder:
        words[TARGET] = Words(target, written, ids)
    return transformer_plan(config), words


def _row(texts: Any) -> tuple[Word, ...]:
    # Who wrote the words these files do not say; signs were never typed: a typed "<s>" was three characters.
    return tuple(Word(str(text), str(text) in _SPECIAL, str(text) not in _SPECIAL) for text in texts)
