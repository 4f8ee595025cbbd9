"""The shape of each kind of block of a Transformer, as frozen records that refuse nonsense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from transformer_core.glass.errors import ConfigError
from transformer_core.transformer.records import check_at_least, check_positive, check_rate, check_types

Activation = Literal["relu", "gelu", "gelu_tanh", "silu"]
Layout = Literal["interleaved", "halves"]
NormKind = Literal["layer_norm", "rms_norm"]


@dataclass(frozen=True)
class Sinusoidal:
    """Sines and cosines, added to the embedding (section 3.5).

    Attributes:
        layout: the sine and the cosine of one angle side by side, or all sines in the first half of the vector.
    """

    layout: Layout = "interleaved"

    def __post_init__(self) -> None:
        check_types(self, "positions.")


@dataclass(frozen=True)
class Learned:
    """A learned table, added to the embedding.

    Attributes:
        offset: rows of the table in front of that of the first position.
    """

    offset: int = 0

    def __post_init__(self) -> None:
        check_types(self, "positions.")
        check_at_least(self, "positions.", offset=0)


@dataclass(frozen=True)
class Rotary:
    """Queries and keys of self-attention are turned by an angle that grows with the position (Su et al. 2021).

    Entry e of the first half and entry e of the second half turn together.

    Attributes:
        theta: base of the angles' divisors.
        factor: positions are divided by it.
    """

    theta: float = 10000.0
    factor: float = 1.0

    def __post_init__(self) -> None:
        check_types(self, "positions.")
        check_positive(self, "positions.", "theta", "factor")


@dataclass(frozen=True)
class RelativeBias:
    """A learned number per head is added to each score of self-attention, by how far query and key are apart.

    Near distances have a bucket each, farther ones share buckets that grow (Raffel et al. 2020, section 2.1). In the
    encoder half of them are for keys behind the query. All layers of a stack share one table.

    Attributes:
        buckets: rows of the table.
        max_distance: from where on all distances share one bucket.
    """

    buckets: int = 32
    max_distance: int = 128

    def __post_init__(self) -> None:
        check_types(self, "positions.")
        check_at_least(self, "positions.", buckets=4)
        if self.max_distance <= self.buckets // 2:
            raise ConfigError(
                f"positions.max_distance must be above half of positions.buckets ({self.buckets}), not "
                f"{self.max_distance}",
                field="positions.max_distance",
                buckets=self.buckets,
            )


Positions = Sinusoidal | Learned | Rotary | RelativeBias


@dataclass(frozen=True)
class EmbeddingConfig:
    """How tokens become vectors.

    Attributes:
        scale: whether the looked-up vectors are multiplied by sqrt(d_model) (section 3.4).
        tied: source and target share one table.
        segments: rows of a table for the parts of a text, each of which ends in </s>; 0 for none.
        norm: whether the sum is normalised.
    """

    scale: bool = True
    tied: bool = False
    segments: int = 0
    norm: bool = False

    def __post_init__(self) -> None:
        check_types(self, "embedding.")
        check_at_least(self, "embedding.", segments=0)


@dataclass(frozen=True)
class AttentionConfig:
    """The attention blocks.

    Attributes:
        n_heads: heads that ask.
        n_kv_heads: heads of keys and values, each shared by as many that ask; None for one each.
        d_head: width of one head's query, key and value; None for d_model / n_heads (section 3.2.2).
        scale: whether scores are divided by sqrt(d_head) (section 3.2.1).
        bias, out_bias: whether the maps to q, k and v, and the one back, add a bias.
        dropout: rate on the weights.
    """

    n_heads: int
    n_kv_heads: int | None = None
    d_head: int | None = None
    scale: bool = True
    bias: bool = True
    out_bias: bool = True
    dropout: float = 0.1

    def __post_init__(self) -> None:
        check_types(self, "attention.")
        check_at_least(self, "attention.", n_heads=1, n_kv_heads=1, d_head=1)
        check_rate(self, "attention.", "dropout")
        if self.n_kv_heads and self.n_heads % self.n_kv_heads:
            raise ConfigError(
                f"attention.n_heads ({self.n_heads}) must be divisible by attention.n_kv_heads ({self.n_kv_heads}), so "
                "that all of these serve as many heads",
                n_heads=self.n_heads,
                n_kv_heads=self.n_kv_heads,
            )


@dataclass(frozen=True)
class FeedForwardConfig:
    """The feed-forward networks.

    Attributes:
        d_ff: how many units there are.
        activation: ReLU (section 3.3), GELU, GELU by tanh (Hendrycks & Gimpel 2016), or SiLU.
        bias: whether the maps add a bias.
        gated: whether the activation multiplies a second map of the input (Shazeer 2020).
    """

    d_ff: int
    activation: Activation = "relu"
    bias: bool = True
    gated: bool = False

    def __post_init__(self) -> None:
        check_types(self, "feed_forward.")
        check_at_least(self, "feed_forward.", d_ff=1)
        if self.gated and self.bias:
            raise ConfigError(
                "feed_forward.bias must be false where feed_forward.gated is true", field="feed_forward.bias"
            )


@dataclass(frozen=True)
class NormConfig:
    """The normalisations.

    Attributes:
        kind: LayerNorm, or RMSNorm (Zhang & Sennrich 2019), which subtracts no mean and adds nothing.
        eps: added to the variance, or to the mean square.
    """

    kind: NormKind = "layer_norm"
    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_types(self, "norm.")
        check_positive(self, "norm.", "eps")


@dataclass(frozen=True)
class HeadConfig:
    """From the last vectors to one logit per word.

    Attributes:
        tied: the matrix is the embedding table of the side that is written (Press & Wolf 2017).
        bias: whether it adds a bias.
        transform: first dense map, activation and norm, as masked-language models do.
        scale: whether its input is divided by sqrt(d_model).
    """

    tied: bool = True
    bias: bool = False
    transform: bool = False
    scale: bool = False

    def __post_init__(self) -> None:
        check_types(self, "head.")
        if self.scale and self.transform:
            raise ConfigError("head.scale must be false where head.transform is true", field="head.scale")
