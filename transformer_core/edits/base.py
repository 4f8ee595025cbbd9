"""What every edit has in common: what it changes, what it reads, how it is checked, and its text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from transformer_core.glass.errors import EditBlockError, EditHeadError, EditPositionError, EditSiteError
from transformer_core.glass.sites import Side, Site, find_site, sites_by_key
from transformer_core.transformer.config import TransformerConfig

ALL = "*"
POSITIONS = "LQK"


@dataclass(frozen=True)
class Run:
    """What an edit may read while a run goes on.

    Attributes:
        config: of the model.
        earlier: values of the same run by key, edits included; those that the edit's `reads` names.
        plain: values of the unedited run of the same words.
        others: the same of the runs of other sentences, by sentence.
    """

    config: TransformerConfig
    earlier: Mapping[str, Tensor] = field(default_factory=dict)
    plain: Mapping[str, Tensor] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)


class Edit(ABC):
    """One change of a run. Every edit is a frozen record with a short text that stands in a link.

    Positions are absolute, from 0. Those that a run does not reach, as the first steps of a decoding do not reach the
    last words, are left alone.
    """

    @abstractmethod
    def check(self, config: TransformerConfig) -> None:
        """Raise an error unless this model can be edited like this."""

    @abstractmethod
    def keys(self, config: TransformerConfig) -> tuple[str, ...]:
        """Return the keys of the sites that it changes."""

    @abstractmethod
    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return what takes the place of a site's value; `x` itself is left as it is.

        Shapes: x [B, ...] -> the same.
        """

    @abstractmethod
    def to_text(self) -> str:
        """Return the text that `edits.parse_edit` reads."""

    def reads(self, config: TransformerConfig) -> tuple[str, ...]:
        """Return the keys of earlier values of the same run that it needs."""
        return ()

    def positions_on(self, config: TransformerConfig) -> tuple[tuple[Side, int], ...]:
        """Return the positions that it names, each with its side."""
        return ()

    def looks_ahead(self, config: TransformerConfig, n_target: int) -> bool:
        """Whether it lets an earlier row of the decoder depend on a later one, masks left aside."""
        return False


def attention_blocks(config: TransformerConfig, block: str) -> tuple[str, ...]:
    """Return the paths of attention blocks: one, as `decoder.0.self_attn`, or one of each layer, `decoder.*.self_attn`.

    Raises:
        EditBlockError: if the model has none of that name.
    """
    known = [key.removesuffix(".weights") for key in sites_by_key(config) if key.endswith(".weights")]
    found = tuple(path for path in known if block in (path, _in_all_layers(path)))
    if not found:
        raise EditBlockError(
            f"{block!r} is no attention block of this {config.architecture} model; it has {', '.join(known)}",
            block=block,
            known=", ".join(known),
        )
    return found


def _in_all_layers(path: str) -> str:
    stack, _, block = path.split(".")
    return f"{stack}.{ALL}.{block}"


def one_block(config: TransformerConfig, block: str) -> str:
    """Return the path of one attention block; errors as in `attention_blocks`, and one for more than one block."""
    found = attention_blocks(config, block)
    if found != (block,):
        raise EditBlockError(
            f"{block!r} means several blocks; name one of {', '.join(found)}", block=block, known=", ".join(found)
        )
    return block


def check_heads(config: TransformerConfig, heads: Iterable[int]) -> None:
    """Raise an EditHeadError unless the model has all these heads, and there is at least one."""
    named = list(heads)
    for head in named or [-1]:
        if not 0 <= head < config.n_heads:
            raise EditHeadError(
                f"there is no head {head if named else named}; the heads go from 0 to {config.n_heads - 1}",
                head=head if named else "-",
                last=config.n_heads - 1,
            )


def editable_site(config: TransformerConfig, key: str, kinds: Sequence[str], how: str) -> Site:
    """Return the site with this key.

    Raises:
        UnknownSiteError: if there is none.
        EditSiteError: if it is not of one of these kinds, or is worked out only when it is read.
    """
    site = find_site(config, key)
    if site.derived or site.kind not in kinds:
        raise EditSiteError(f"{key} cannot be edited like this: {how}", key=key, how=how)
    return site


def position_axis(site: Site) -> int:
    """Return the first axis of a site that counts positions."""
    return next(axis for axis, letter in enumerate(site.axes) if letter in POSITIONS)


def rows_of(site: Site, positions: Sequence[int], x: Tensor) -> tuple[slice | list[int], ...]:
    """Return the index of these positions in a value with its batch axis; of all where none are named."""
    axis = position_axis(site) + 1
    reached = [p for p in positions if p < x.shape[axis]] if positions else list(range(x.shape[axis]))
    return (*(slice(None),) * axis, reached)


def check_positions(edit: Edit, config: TransformerConfig, lengths: Mapping[Side, int]) -> None:
    """Raise an EditPositionError if an edit names a position that a run of these lengths does not have."""
    for side, position in edit.positions_on(config):
        length = lengths.get(side, 0)
        if not 0 <= position < length:
            raise EditPositionError(
                f"{edit.to_text()} names position {position} of the {side}, which has {length}: 0 to {length - 1}",
                edit=edit.to_text(),
                position=position,
                side=side,
                last=length - 1,
            )


def unique(numbers: Iterable[int]) -> tuple[int, ...]:
    """Return numbers in order, each once."""
    return tuple(sorted({int(n) for n in numbers}))


def listed(numbers: Iterable[int]) -> str:
    """Return numbers as text, `0,3`, and `*` for none, which means all."""
    return ",".join(str(n) for n in numbers) or ALL


def decimal(x: float) -> str:
    """Return a number as the shortest text that means it."""
    return repr(float(x)).removesuffix(".0")
