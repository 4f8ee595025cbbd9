"""What a training is: every number that decides the weights, in one frozen record, and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from transformer_core.ancestors.base import AncestorConfig
from transformer_core.ancestors.families import CONFIGS
from transformer_core.glass.errors import ConfigError
from transformer_core.training.steps.schedule import Schedule
from transformer_core.transformer.blocks import (
    Activation,
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
)
from transformer_core.transformer.config import Architecture, Order, TransformerConfig

Language = Literal["zh", "en", "fr"]
Task = Literal["pairs", "next-word", "masked-word", "vectors"]
Family = Literal["transformer", "nnlm", "rnn", "gru", "lstm", "ngram", "word2vec", "word2vec-cbow"]
COUNTED, PULLED = ("ngram",), ("word2vec", "word2vec-cbow")  # the families that no gradient of a whole model trains
Optimizer = Literal["adam", "muon"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a training's weights, apart from the data; the same record gives the same weights.

    Attributes:
        name: of the preset it began as.
        task: "pairs" trains a translator, "next-word" a decoder-only model that goes on with a text, "masked-word" an
            encoder-only model that fills in hidden words, "vectors" finds a vector for each word.
        family: what is trained, a Transformer or one of those that came before it.
        source, target: languages; None for a side that the task has not.
        source_vocab_size, target_vocab_size: pieces to learn where words are cut by BPE; Chinese goes by character and
            takes as many as it meets.
        tie_embeddings: one set of pieces, `source_vocab_size` of them, and one embedding for both languages (sections
            3.4 and 5.1 of the paper), so that a name is cut alike on both sides; not where one is Chinese.
        d_model, n_heads, d_ff, n_encoder_layers, n_decoder_layers, max_length, norm_position, activation, dropout,
            attention_dropout: as in `TransformerConfig` and the records in it; norm_position is its `order`.
        window: words that a model of windows reads, or that count as near on either side of a word.
        order: words of the longest n-grams that are counted.
        negatives, subsample: noise words for each pair, and the share above which a word is often left out (Mikolov et
            al. 2013, sections 2.2 and 2.3).
        batch_tokens: cells of a batch's longer side, padding included; pairs of words for vectors.
        mask_share: of the words, how many a masked-word model has to tell.
        peak_rate, warmup_steps, schedule: see `learning_rate`.
        optimizer: "adam" for all weights, or "muon" for the layers' matrices beside Adam for the rest.
        matrix_rate: the peak rate of Muon.
        betas, eps: of Adam (section 5.3 of the paper).
        clip: the gradient's largest norm.
        smoothing: label smoothing (section 5.4).
        guidance: how much it counts that the mean of the last cross-attention's heads looks at the aligned word (Garg
            et al. 2019), beside the loss of that word; 0 for not at all.
        average_decay: of the averaged weights, which are the ones that are kept.
        seed: of everything that is drawn.
        steps, epochs, minutes: the budget, exactly one of them; the other two are None. With `minutes`, of wall time,
            the schedule follows the clock, so that two runs differ; with steps or epochs they do not.
    """

    name: str
    task: Task = "pairs"
    family: Family = "transformer"
    source: Language | None
    target: Language | None
    source_vocab_size: int = 5500
    target_vocab_size: int = 5500
    tie_embeddings: bool = False
    d_model: int = 192
    n_heads: int = 4
    d_ff: int = 768
    n_encoder_layers: int = 3
    n_decoder_layers: int = 3
    max_length: int = 64
    norm_position: Order = "post"
    activation: Activation = "relu"
    dropout: float = 0.15
    attention_dropout: float = 0.1
    window: int = 5
    order: int = 4
    negatives: int = 5
    subsample: float = 1e-4
    batch_tokens: int = 1400
    mask_share: float = 0.2
    peak_rate: float = 1e-3
    warmup_steps: int = 1500
    schedule: Schedule = "cosine"
    optimizer: Optimizer = "adam"
    matrix_rate: float = 3e-3
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-9
    clip: float = 1.0
    smoothing: float = 0.1
    guidance: float = 0.0
    average_decay: float = 0.998
    seed: int = 0
    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.optimizer not in get_args(Optimizer):
            raise ConfigError(f"optimizer must be adam or muon, not {self.optimizer!r}", field="optimizer")
        if self.tie_embeddings and (self.task != "pairs" or "zh" in (self.source, self.target)):
            raise ConfigError("tie_embeddings needs two languages that are cut by BPE", field="tie_embeddings")
        if self.guidance and self.task != "pairs":
            raise ConfigError("guidance needs pairs, whose words can be aligned", field="guidance")
        given = [name for name in ("steps", "epochs", "minutes") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ConfigError(f"a training ends by steps, epochs or minutes, not by {' and '.join(given)}", given=given)
        if given and not getattr(self, given[0]) > 0:
            raise ConfigError(f"{given[0]} must be above 0, not {getattr(self, given[0])}", field=given[0])

    def config(self, source_vocab_size: int, target_vocab_size: int) -> TransformerConfig | AncestorConfig:
        """The model's configuration, once the tokenizers say how many entries they have, 0 for a side not there."""
        if self.family != "transformer":
            kind = CONFIGS[self.family]
            shared = {one.name for one in fields(kind)} & {one.name for one in fields(self)}
            return kind(vocab_size=target_vocab_size, **{name: getattr(self, name) for name in shared})
        fills = self.task == "masked-word"
        return TransformerConfig(
            architecture=_ARCHITECTURES[self.task],
            d_model=self.d_model,
            n_encoder_layers=self.n_encoder_layers,
            n_decoder_layers=self.n_decoder_layers,
            source_vocab_size=source_vocab_size,
            target_vocab_size=target_vocab_size,
            max_length=self.max_length,
            order=self.norm_position,
            embedding=EmbeddingConfig(tied=self.tie_embeddings),
            attention=AttentionConfig(self.n_heads, dropout=self.attention_dropout),
            feed_forward=FeedForwardConfig(self.d_ff, self.activation),
            head=HeadConfig(transform=fills, bias=fills),
            dropout=self.dropout,
        )

    def part_over(self, step: int, seconds: float, epochs: float) -> float:
        """The part of the training, 0 to 1, that is over after so many steps, seconds, and passes over the data."""
        if self.steps is not None:
            return step / self.steps
        if self.epochs is not None:
            return epochs / self.epochs
        if self.minutes is not None:
            return seconds / (60 * self.minutes)
        raise ConfigError("a training needs an end: steps, epochs or minutes", given=[])

    def to_dict(self) -> dict[str, Any]:
        """Every field by name, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe that `to_dict` gave, also after a way through JSON."""
        return cls(**{**values, "betas": tuple(values["betas"])})


_ARCHITECTURES: dict[Task, Architecture] = {
    "pairs": "encoder-decoder",
    "next-word": "decoder-only",
    "masked-word": "encoder-only",
}
_ONE_STACK: dict[str, Any] = {
    "norm_position": "pre",
    "optimizer": "muon",
    "attention_dropout": 0.0,
    "batch_tokens": 2560,
    "warmup_steps": 100,
    "smoothing": 0.0,
    "average_decay": 0.995,
}
_STORIES = Recipe(
    name="stories-en",
    task="next-word",
    source=None,
    target="en",
    max_length=128,
    n_encoder_layers=0,
    n_decoder_layers=4,
    dropout=0.05,
    peak_rate=5e-3,
    matrix_rate=6e-3,
    **_ONE_STACK,
)
_WORDS = Recipe(
    name="words-en",
    task="masked-word",
    source="en",
    target=None,
    max_length=64,
    n_encoder_layers=4,
    n_decoder_layers=0,
    dropout=0.05,
    peak_rate=5e-3,
    matrix_rate=6e-3,
    **_ONE_STACK,
)


def _chain(family: Family, width: int, **changes: Any) -> Recipe:
    shape = {"d_model": width, "n_decoder_layers": 0, "optimizer": "adam", "dropout": 0.1, "peak_rate": 4e-3}
    shape["steps"] = 3500
    return replace(_STORIES, name=f"{family}-en", family=family, **{**shape, **changes})


def _vectors(family: Family, width: int, epochs: int) -> Recipe:
    shape: dict[str, Any] = {"target_vocab_size": 8000, "max_length": 128, "batch_tokens": 512, "peak_rate": 0.1}
    shape |= {"subsample": 1e-3, "epochs": epochs}
    return Recipe(name=f"{family}-en", task="vectors", family=family, source=None, target="en", d_model=width, **shape)


PRESETS = {
    "zh-en": Recipe(name="zh-en", source="zh", target="en"),
    "en-fr": Recipe(name="en-fr", source="en", target="fr", dropout=0.1, peak_rate=1.1e-3, warmup_steps=1200),
    "en-zh": Recipe(name="en-zh", source="en", target="zh"),
    "stories-en": _STORIES,
    "words-en": _WORDS,
    "ngram-en": _chain("ngram", 1, steps=None),
    "nnlm-en": _chain("nnlm", 64, d_ff=160, window=4, peak_rate=2e-3),
    "rnn-en": _chain("rnn", 232),
    "gru-en": _chain("gru", 202),
    "lstm-en": _chain("lstm", 192),
    "word2vec-en": _vectors("word2vec", 96, 4),
    "word2vec-cbow-en": _vectors("word2vec-cbow", 64, 5),
    "word2vec-everyday-en": replace(_vectors("word2vec", 48, 8), name="word2vec-everyday-en", target_vocab_size=3000),
}

_BUDGETS = frozenset({"steps", "epochs", "minutes"})
# Normalising first bears a higher rate after a shorter warm-up.
_PRE_NORM = {"peak_rate": 1.5e-3, "warmup_steps": 400}


def make_recipe(preset: str, **changes: Any) -> Recipe:
    """The preset with these fields changed; the twin with pre-norm also gets the rate and warm-up that suit it.

    Raises:
        ConfigError: if there is no such preset, or no such field.
    """
    if preset not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}, not {preset!r}", preset=preset)
    unknown = sorted(set(changes) - {field.name for field in fields(Recipe)})
    if unknown:
        raise ConfigError(f"a recipe has no {', '.join(unknown)}", unknown=unknown)
    if not _BUDGETS.isdisjoint(changes):
        changes = {**dict.fromkeys(_BUDGETS), **changes}
    suited = _PRE_NORM if changes.get("norm_position") == "pre" and PRESETS[preset].norm_position == "post" else {}
    return replace(PRESETS[preset], **{**suited, **changes})
