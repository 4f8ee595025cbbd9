"""The shape of a Transformer, as a frozen record of records that refuses nonsense.

Symbols of the paper (Vaswani et al. 2017, table 3): N layers, d_model, d_ff, h heads, d_k = d_v = d_head, P_drop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from transformer_core.glass.errors import ConfigError
from transformer_core.glass.guards.arguments import checked
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
    Positions,
    RelativeBias,
    Rotary,
    Sinusoidal,
)
from transformer_core.transformer.records import check_at_least, check_rate, check_types, from_data, to_data

Architecture = Literal["encoder-decoder", "encoder-only", "decoder-only"]
Order = Literal["post", "pre"]
FORMAT = 2
_KINDS = {"sinusoidal": Sinusoidal, "learned": Learned, "rotary": Rotary, "relative_bias": RelativeBias}


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Everything that decides which values a Transformer computes; the defaults are the paper's.

    Attributes:
        architecture: which stacks there are.
        d_model: width of the residual stream.
        n_encoder_layers, n_decoder_layers: layers of each stack; 0 for a stack that is not there.
        source_vocab_size, target_vocab_size: entries of each vocabulary; 0 for a side that is not there.
        max_length: the largest number of tokens on either side.
        order: "post" is Norm(x + Sublayer(x)) (section 3.1); "pre" is x + Sublayer(Norm(x)), with one more norm at the
            end of each stack (Xiong et al. 2020).
        positions: how they are told.
        embedding, attention, feed_forward, norm, head: the blocks. No head for a model that only embeds.
        dropout: rate after the embeddings and on each sub-layer's output.
        pad_id, bos_id, eos_id: ids of the special tokens; a decoder begins with bos_id.
        writes_pad: whether a decoder may write pad_id, if it finds it most probable.

    Raises:
        ConfigError: if the numbers do not fit together; the message names them.
    """

    architecture: Architecture = "encoder-decoder"
    d_model: int
    n_encoder_layers: int = 0
    n_decoder_layers: int = 0
    source_vocab_size: int = 0
    target_vocab_size: int = 0
    max_length: int = 64
    order: Order = "post"
    positions: Positions = field(default_factory=Sinusoidal)
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    attention: AttentionConfig
    feed_forward: FeedForwardConfig
    norm: NormConfig = field(default_factory=NormConfig)
    head: HeadConfig | None = field(default_factory=HeadConfig)
    dropout: float = 0.1
    pad_id: int = 0
    bos_id: int = 1
    eos_id: int = 2
    writes_pad: bool = True

    def __post_init__(self) -> None:
        check_types(self)
        check_at_least(self, "", d_model=1, max_length=1)
        check_rate(self, "", "dropout")
        self._check_heads()
        self._check_sides()
        self._check_combinations()
        heads = replace(self.attention, n_kv_heads=self.n_kv_heads, d_head=self.d_head)
        object.__setattr__(self, "attention", heads)  # equal shapes are equal records

    @property
    def has_encoder(self) -> bool:
        """Whether there is an encoder, and so a source."""
        return self.architecture != "decoder-only"

    @property
    def has_decoder(self) -> bool:
        """Whether there is a decoder, and so a target."""
        return self.architecture != "encoder-only"

    @property
    def has_cross_attention(self) -> bool:
        """Whether the decoder reads an encoder."""
        return self.architecture == "encoder-decoder"

    @property
    def n_heads(self) -> int:
        """Heads that ask."""
        return self.attention.n_heads

    @property
    def n_kv_heads(self) -> int:
        """Heads of keys and values."""
        return self.attention.n_kv_heads or self.attention.n_heads

    @property
    def d_head(self) -> int:
        """Width of one head's query, key and value."""
        return self.attention.d_head or self.d_model // self.n_heads

    @property
    def d_ff(self) -> int:
        """Units of the feed-forward network."""
        return self.feed_forward.d_ff

    @property
    def vocab_size(self) -> int:
        """Entries of the vocabulary that the head writes."""
        return self.target_vocab_size if self.has_decoder else self.source_vocab_size

    @property
    def never(self) -> tuple[int, ...]:
        """The ids that are not written, however probable they are."""
        return () if self.writes_pad else (self.pad_id,)

    def to_dict(self) -> dict[str, Any]:
        """Every field by name, ready for JSON; `writes_pad` only where it is false, which older files do not tell."""
        data = {"format": FORMAT, **to_data(self, _KINDS)}
        return {name: value for name, value in data.items() if name != "writes_pad" or not value}

    @classmethod
    @checked()
    def from_dict(cls, values: Mapping[str, Any]) -> TransformerConfig:
        """The configuration that `to_dict` wrote, in this version or an earlier one.

        Raises:
            ConfigError: if a field is missing or unknown, or a value makes no sense.
        """
        number = values.get("format", 1)
        if number == 1:
            # Folders and traces that readers took home must go on opening.
            from transformer_core.transformer.first_format import read_config

            return read_config(values)
        if number != FORMAT:
            raise ConfigError(f"format must be from 1 to {FORMAT}, not {number!r}", field="format", value=number)
        told = {"writes_pad": True, **values}
        return from_data(cls, {name: one for name, one in told.items() if name != "format"}, _KINDS)

    def _check_heads(self) -> None:
        if self.attention.d_head is None and self.d_model % self.n_heads:
            raise ConfigError(
                f"d_model ({self.d_model}) must be divisible by attention.n_heads ({self.n_heads}), or "
                f"attention.d_head be given; the remainder is {self.d_model % self.n_heads}",
                d_model=self.d_model,
                n_heads=self.n_heads,
            )
        if isinstance(self.positions, Sinusoidal) and self.d_model % 2:
            raise ConfigError(
                f"d_model ({self.d_model}) must be even for sinusoidal positions, which pair sine and cosine",
                d_model=self.d_model,
            )
        if isinstance(self.positions, Rotary) and self.d_head % 2:
            raise ConfigError(
                f"attention.d_head ({self.d_head}) must be even for rotary positions, which turn pairs of entries",
                d_head=self.d_head,
            )

    def _check_combinations(self) -> None:
        tied, source, target = self.embedding.tied, self.source_vocab_size, self.target_vocab_size
        if tied and (not self.has_cross_attention or source != target):
            raise ConfigError(
                f"embedding.tied needs two sides with one vocabulary, not {self.architecture} with {source} and "
                f"{target} entries",
                field="embedding.tied",
            )
        for name, given in (("embedding.segments", self.embedding.segments), ("head", self.head is None)):
            if given and self.has_decoder:
                raise ConfigError(
                    f"{name} must be {'0' if name != 'head' else 'given'} in {self.architecture} models; only "
                    "encoder-only ones tell the parts of a text apart, or do without a head",
                    field=name,
                )

    def _check_sides(self) -> None:
        sides = (
            ("encoder", self.has_encoder, self.n_encoder_layers, "source_vocab_size", self.source_vocab_size),
            ("decoder", self.has_decoder, self.n_decoder_layers, "target_vocab_size", self.target_vocab_size),
        )
        special = (self.pad_id, self.bos_id, self.eos_id)
        for side, there, n_layers, vocab_name, vocab in sides:
            if there and (n_layers < 1 or vocab < 1):
                raise ConfigError(
                    f"{self.architecture} needs n_{side}_layers ({n_layers}) and {vocab_name} ({vocab}) of at least 1",
                    field=vocab_name,
                )
            if not there and (n_layers or vocab):
                raise ConfigError(
                    f"{self.architecture} has no {side}: n_{side}_layers ({n_layers}) and {vocab_name} ({vocab}) "
                    "must be 0",
                    field=vocab_name,
                )
            if there and not all(0 <= i < vocab for i in special):
                raise ConfigError(
                    f"pad_id, bos_id and eos_id {special} must lie below {vocab_name} ({vocab})", field=vocab_name
                )
