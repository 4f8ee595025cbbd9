"""What a model says of itself: its blocks in the order of computation, each with its values and how they follow.

Everything else walks over this description and takes no key apart: sites, parameters, formulas, edits, measures, the
places and pictures of the app. A plan is plain data, without torch; a function beside each block's module makes it.

The glossary of axes, the same in every file of this package:

    B  batch (never in a trace)     H  head                V  vocabulary
    L  position                     G  key/value head      1  a kept axis
    Q  query position               E  d_head
    K  key position                 D  d_model             F  d_ff
    S  segment                      N  distance
    J  entries of all heads         M  the same of key/value heads (both are D where they are as many)
    R  n-gram, a row of a table of counts; N is also a word of a window, the nearest first, and a layer of a mix
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from transformer_core.glass.formula.base import Formula

Kind = Literal["ids", "signed", "variance", "scores", "mask", "weights", "logits", "probabilities"]
Role = Literal[
    "embedding",
    "stream",
    "attention",
    "norm",
    "feed_forward",
    "add",
    "recurrent",
    "convolution",
    "table",
    "near",
    "output",
]


@dataclass(frozen=True)
class EmbeddingFacts:
    """What is known of an embedding.

    Attributes:
        positions: how positions are told, e.g. "sinusoidal"; "" if not here.
        length: how many positions there can be.
    """

    positions: str = ""
    length: int = 0


@dataclass(frozen=True)
class AttentionFacts:
    """What is known of an attention block.

    Attributes:
        heads, kv_heads: heads that ask, and heads of keys and values; fewer where several heads share them.
        d_head: width of a query, key and value.
        causal: whether a query attends to no later position.
    """

    heads: int
    kv_heads: int
    d_head: int
    causal: bool


@dataclass(frozen=True)
class NormFacts:
    """What is known of a normalisation.

    Attributes:
        centred: whether it subtracts the mean; LayerNorm does, RMSNorm does not.
        eps: what is added to the variance.
    """

    centred: bool
    eps: float


@dataclass(frozen=True)
class FeedForwardFacts:
    """What is known of a feed-forward network: its activation, and whether a gate multiplies it."""

    activation: str
    gated: bool


@dataclass(frozen=True)
class OutputFacts:
    """What is known of an output head: whether its matrix is the embedding's."""

    tied: bool


@dataclass(frozen=True)
class RecurrentFacts:
    """What is known of a recurrent block: whether it reads its words from the last to the first."""

    reverse: bool


Facts = EmbeddingFacts | AttentionFacts | NormFacts | FeedForwardFacts | OutputFacts | RecurrentFacts


@dataclass(frozen=True)
class Value:
    """One value that a block computes.

    Attributes:
        name: the last word of its key.
        axes: one letter of the glossary per axis, without the batch.
        kind: what the numbers are, which decides how they are drawn.
        formula: how it follows; a name in it that begins with a dot is the block's own.
        derived: worked out from other values when it is read; no pass shows it.
        spared: a pass shows it at its hook point, where it can be edited, and a trace does not keep it: it is worked
            out when it is read, as a derived value is. An edited one is kept.
    """

    name: str
    axes: str
    kind: Kind
    formula: Formula
    derived: bool = False
    spared: bool = False


@dataclass(frozen=True)
class Weight:
    """One parameter of a block: the last word of its name, and one letter per axis."""

    name: str
    axes: str


@dataclass(frozen=True)
class Block:
    """Values that are computed together.

    Attributes:
        path: in front of the last word of their keys; several blocks may share one, as the sums of a layer do.
        role: what it does.
        values: in the order of computation.
        weights: its parameters, in the order in which they are used.
        facts: one record that belongs to the role.
        stack: of which it is a part, e.g. "decoder"; "" if of none.
        layer: its layer's number, None outside of the layers.
        name: what it is called in every layer, e.g. "self_attn".
        words: the word list that its positions (and queries) belong to.
        memory: the word list that its keys belong to, where it is another one.
    """

    path: str
    role: Role
    values: tuple[Value, ...]
    weights: tuple[Weight, ...] = ()
    facts: Facts | None = None
    stack: str = ""
    layer: int | None = None
    name: str = ""
    words: str = ""
    memory: str = ""


class Place(TypedDict, total=False):
    """Where a block stands: those fields of `Block` that all blocks of a layer share."""

    stack: str
    layer: int | None
    words: str


class NamedPlace(Place, total=False):
    """The same of one block, with its own: the fields of `Block` that do not depend on what it computes."""

    name: str
    memory: str


@dataclass(frozen=True)
class WordList:
    """A row of words that positions are labelled with.

    Attributes:
        name: e.g. "source".
        stack: that reads it.
        tokens: key of the site of its ids.
        special: ids of the signs in it that are no text.
        ends: those of them that end a text or part two, as </s> and [SEP] do.
        written: whether the model says at each of its positions which word it expects there, or next.
        size: how many words there are in its vocabulary; 0 where the plan does not say.
    """

    name: str
    stack: str
    tokens: str
    special: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    written: bool = False
    size: int = 0


@dataclass(frozen=True)
class Plan:
    """A model's description of itself.

    Attributes:
        kind: what sort of model it is, e.g. "encoder-decoder".
        axes: letters of the glossary with their sizes, those that are the same everywhere.
        word_lists: in the order in which they are read.
        blocks: in the order of computation.
    """

    kind: str
    axes: tuple[tuple[str, int], ...]
    word_lists: tuple[WordList, ...]
    blocks: tuple[Block, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.kind, self.axes, self.word_lists, self.blocks))

    def size(self, letter: str) -> int:
        """Return the size of an axis of the glossary."""
        return dict(self.axes)[letter]

    def words(self, name: str) -> WordList:
        """Return the word list of this name."""
        return next(one for one in self.word_lists if one.name == name)
