"""The shape of a Transformer, as a frozen record that refuses nonsense.

Symbols of the paper (Vaswani et al. 2017, table 3): N layers, d_model, d_ff, h heads, d_k = d_v = d_head, P_drop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from transformer_core.glass.arguments import checked, is_real, is_whole, make_plain
from transformer_core.glass.errors import ConfigError

Architecture = Literal["encoder-decoder", "encoder-only", "decoder-only"]
NormPosition = Literal["post", "pre"]
Activation = Literal["relu", "gelu", "gelu_tanh"]
Positions = Literal["sinusoidal", "learned"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "architecture": get_args(Architecture),
    "norm_position": get_args(NormPosition),
    "activation": get_args(Activation),
    "positions": get_args(Positions),
}


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Everything that decides which values a Transformer computes; the defaults are the paper's.

    Attributes:
        architecture: which stacks there are.
        d_model, n_heads, d_ff: width of the residual stream, number of heads, width of the feed-forward network.
        n_encoder_layers, n_decoder_layers: layers of each stack; 0 for a stack that is not there.
        source_vocab_size, target_vocab_size: entries of each vocabulary; 0 for a side that is not there.
        max_length: the largest number of tokens on either side.
        norm_position: "post" is LayerNorm(x + Sublayer(x)) (section 3.1); "pre" is x + Sublayer(LayerNorm(x)), with
            one more LayerNorm at the end of each stack (Xiong et al. 2020).
        norm_eps: added to the variance in LayerNorm.
        activation: ReLU (section 3.3), GELU, or GELU by tanh (Hendrycks & Gimpel 2016).
        positions: sine and cosine (section 3.5) or a learned table.
        scale_embedding: multiply the looked-up vectors by sqrt(d_model) (section 3.4).
        tie_output: the output projection is the embedding table of the side it writes (Press & Wolf 2017).
        tie_embeddings: source and target share one embedding table.
        attention_bias, feed_forward_bias, output_bias: whether those linear maps add a bias.
        head_transform: the head first applies dense, activation and LayerNorm, as masked-language models do.
        dropout: rate after the embeddings and on each sub-layer's output.
        attention_dropout: rate on the attention weights.
        pad_id, bos_id, eos_id: ids of the special tokens.

    Raises:
        ConfigError: if the numbers do not fit together; the message names them.
    """

    architecture: Architecture = "encoder-decoder"
    d_model: int
    n_heads: int
    d_ff: int
    n_encoder_layers: int = 0
    n_decoder_layers: int = 0
    source_vocab_size: int = 0
    target_vocab_size: int = 0
    max_length: int = 64
    norm_position: NormPosition = "post"
    norm_eps: float = 1e-5
    activation: Activation = "relu"
    positions: Positions = "sinusoidal"
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
        make_plain(self)
        self._check_types()
        self._check_choices()
        self._check_numbers()
        self._check_sides()

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
    def d_head(self) -> int:
        """Width of one head's query, key and value: d_model / n_heads (section 3.2.2)."""
        return self.d_model // self.n_heads

    @property
    def vocab_size(self) -> int:
        """Entries of the vocabulary that the head writes."""
        return self.target_vocab_size if self.has_decoder else self.source_vocab_size

    def to_dict(self) -> dict[str, Any]:
        """Every field by name, ready for JSON."""
        return asdict(self)

    @classmethod
    @checked()
    def from_dict(cls, values: Mapping[str, Any]) -> TransformerConfig:
        """The configuration with these fields; every field must be named, and no other.

        Raises:
            ConfigError: if a field is missing or unknown, or a value makes no sense.
        """
        known = {field.name for field in fields(cls)}
        unknown, missing = sorted(set(values) - known), sorted(known - set(values))
        if unknown or missing:
            raise ConfigError(
                f"a config needs exactly its {len(known)} fields; unknown: {unknown or 'none'}, missing: "
                f"{missing or 'none'}",
                unknown=unknown,
                missing=missing,
            )
        return cls(**values)

    def _check_types(self) -> None:
        for field in fields(self):
            value, kind = getattr(self, field.name), str(field.type)
            if kind == "int" and not is_whole(value):
                raise ConfigError(f"{field.name} must be an integer, not {value!r}", field=field.name, value=value)
            if kind == "float" and not is_real(value):
                raise ConfigError(f"{field.name} must be a number, not {value!r}", field=field.name, value=value)
            if kind == "bool" and not isinstance(value, bool):
                raise ConfigError(f"{field.name} must be true or false, not {value!r}", field=field.name, value=value)

    def _check_choices(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in choices:
                raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {value!r}", field=name, value=value)

    def _check_numbers(self) -> None:
        for name in ("d_model", "n_heads", "d_ff", "max_length"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}", field=name)
        if self.d_model % self.n_heads:
            raise ConfigError(
                f"d_model ({self.d_model}) must be divisible by n_heads ({self.n_heads}); the remainder is "
                f"{self.d_model % self.n_heads}",
                d_model=self.d_model,
                n_heads=self.n_heads,
            )
        if self.positions == "sinusoidal" and self.d_model % 2:
            raise ConfigError(
                f"d_model ({self.d_model}) must be even for sinusoidal positions, which pair sine and cosine",
                d_model=self.d_model,
            )
        if not 0 < self.norm_eps < math.inf:
            raise ConfigError(f"norm_eps must be above 0 and finite, not {self.norm_eps}", field="norm_eps")
        for name in ("dropout", "attention_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"{name} must be in [0, 1), not {getattr(self, name)}", field=name)

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
        if self.tie_embeddings and (not self.has_cross_attention or self.source_vocab_size != self.target_vocab_size):
            raise ConfigError(
                f"tie_embeddings needs two sides with one vocabulary, not {self.architecture} with "
                f"{self.source_vocab_size} and {self.target_vocab_size} entries",
                field="tie_embeddings",
            )
