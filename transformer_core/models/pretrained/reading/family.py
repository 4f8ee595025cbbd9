"""What a family says of itself, and the rows of its table: our parameter, and where it stands in their files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.models.pretrained.reading.tokens import Tokens, one_tokenizer
from transformer_core.transformer.config import TransformerConfig

LAYER = "{i}"


@dataclass(frozen=True)
class Row:
    """One parameter; `{i}` in the names stands for the number of every layer.

    Attributes:
        ours: its name.
        theirs: names of one tensor, their prefix left aside: the first that is there is read, and what is there under
            the others must be the same.
        transposed: whether theirs is [out, in].
        part: the n-th of so many equal parts of their last axis, from 0; None for all of it.
    """

    ours: str
    theirs: tuple[str, ...]
    transposed: bool = False
    part: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of models.

    Attributes:
        model_types: of the config.json that it matches.
        config: what the fields say, given the names of the tensors that are there, and the tokenizers.
        rows: the table.
        prefixes: what may stand in front of the name of any tensor.
        harmless: patterns of tensors that no value depends on.
        constants: tensors that the files may hold and that are worked out here, by their names.
        irrelevant: fields of the config.json that no value depends on, besides those of every family.
        signs: the text of "bos", "eos", "unk", "pad", "cls", "sep", "mask" where no file of a folder names another.
        tokens: reads the tokenizers.
    """

    model_types: tuple[str, ...]
    config: Callable[[Fields, Collection[str], Tokens], TransformerConfig]
    rows: Callable[[TransformerConfig], Iterable[Row]]
    prefixes: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    constants: Callable[[TransformerConfig], Mapping[str, Tensor]] = lambda config: {}
    irrelevant: frozenset[str] = frozenset()
    signs: Mapping[str, str] = field(default_factory=dict)
    tokens: Callable[[Folder, Mapping[str, str]], Tokens] = one_tokenizer

    def matches(self, fields: Fields) -> bool:
        """Whether a config.json is of this family."""
        return fields.model_type in self.model_types


def copied(ours: str, *theirs: str) -> list[Row]:
    """Return the row of a tensor that is stored as ours is."""
    return [Row(ours, theirs)]


def linear(ours: str, letter: str, theirs: str, *, transposed: bool = True) -> list[Row]:
    """Return the rows of a map: its matrix, and the bias where there is one."""
    return [
        Row(f"{ours}.W_{letter}", (f"{theirs}.weight",), transposed),
        Row(f"{ours}.b_{letter}", (f"{theirs}.bias",)),
    ]


def norm(ours: str, theirs: str) -> list[Row]:
    """Return the rows of a normalisation; old files call its weight gamma and its bias beta."""
    return [
        Row(f"{ours}.gamma", (f"{theirs}.weight", f"{theirs}.gamma")),
        Row(f"{ours}.beta", (f"{theirs}.bias", f"{theirs}.beta")),
    ]


def attention(ours: str, *theirs: str) -> list[Row]:
    """Return the rows of an attention block, given their maps to q, k and v and the one back."""
    return [row for letter, one in zip("QKVO", theirs, strict=True) for row in linear(ours, letter, one)]


def joined(*parts: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows of all parts."""
    return tuple(row for part in parts for row in part)
