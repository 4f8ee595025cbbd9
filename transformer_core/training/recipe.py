"""What a training is: every number that decides the weights, in one frozen record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
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
Task = Literal["pairs", "next-word", "masked-word", "two-way", "vectors"]
Family = Literal[
    "transformer",
    "nnlm",
    "rnn",
    "gru",
    "lstm",
    "ngram",
    "word2vec",
    "word2vec-cbow",
    "bilm",
    "seq2seq",
    "seq2seq-attention",
]
COUNTED, PULLED = ("ngram",), ("word2vec", "word2vec-cbow")  # the families that no gradient of a whole model trains
Optimizer = Literal["adam", "muon"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a training's weights, apart from the data; the same record gives the same weights.

    Attributes:
        name: of the preset it began as.
        task: "pairs" trains a translator, "next-word" a decoder-only model that goes on with a text, "masked-word" an
            encoder-only model that fills in hidden words, "two-way" one that tells each word from both ends of a text,
            "vectors" finds a vector for each word. Pairs of one language twice are to be copied.
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
        start_from: the model whose weights and tokenizers the training goes on with; empty for fresh ones.
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
    start_from: str = ""
    seed: int = 0
    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.optimizer not in get_args(Optimizer):
            raise ConfigError(f"optimizer must be adam or muon, not {self.optimizer!r}", field="optimizer")
        if self.tie_embeddings and (self.task != "pairs" or "zh" in (self.source, self.target)):
            raise ConfigError("tie_embeddings needs two languages that are cut by BPE", field="tie_embeddings")
        if self.start_from and self.family in (*COUNTED, *PULLED):
            raise ConfigError(f"{self.family} has no weights to go on with: leave start_from out", field="start_from")
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
            sizes = {"vocab_size": target_vocab_size or source_vocab_size, "source_vocab_size": source_vocab_size}
            own = {one.name for one in fields(kind)}
            shared = own & {one.name for one in fields(self)} - set(sizes)
            told = {name: size for name, size in sizes.items() if name in own}
            return kind(**told, **{name: getattr(self, name) for name in shared})
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
