"""What every edit has in common: what it changes, what it reads, how it is checked, and its text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from transformer_core.edits.errors import EditBlockError, EditHeadError, EditPositionError, EditSiteError
from transformer_core.glass.abilities import causal_lists as causal_lists  # the app asks for it here
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.sites import Site, find_site, position_axis
from transformer_core.glass.walks import attention_facts, with_role

ALL = "*"


@dataclass(frozen=True)
class Run:
    """What an edit may read while a run goes on.

    Attributes:
        plan: of the model.
        earlier: values of the same run by key, edits included; those that the edit's `reads` names.
        plain: values of the unedited run of the same words.
        others: the same of the runs of other sentences, by sentence.
        row: at which row a value is that is computed row by row.
        parameters: of the model, by name.
    """

    plan: Plan
    earlier: Mapping[str, Tensor] = field(default_factory=dict)
    plain: Mapping[str, Tensor] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    row: int | None = None
    parameters: Mapping[str, Tensor] = field(default_factory=dict)


class Edit(ABC):
    """One change of a run. Every edit is a frozen record with a short text that stands in a link.

    Positions are absolute, from 0. Those that a run does not reach, as the first steps of a decoding do not reach the
    last words, are left alone.
    """

    @abstractmethod
    def check(self, plan: Plan) -> None:
        """Raise an error unless this model can be edited like this."""

    @abstractmethod
    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the keys of the sites that it changes."""

    @abstractmethod
    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return what takes the place of a site's value; `x` itself is left as it is.

        Shapes: x [B, ...] -> the same.
        """

    @abstractmethod
    def to_text(self) -> str:
        """Return the text that `edits.parse_edit` reads."""

    def reads(self, plan: Plan) -> tuple[str, ...]:
        """Return the keys of earlier values of the same run that it needs."""
        return ()

    def positions_on(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        """Return the positions that it names, each with its side."""
        return ()

    def looks_ahead(self, plan: Plan, n_target: int) -> bool:
        """Whether it lets an earlier row of the decoder depend on a later one, masks left aside."""
        return False


def attention_paths(plan: Plan, block: str) -> tuple[str, ...]:
    """Return the paths of attention blocks: one, as `decoder.0.self_attn`, or one of each layer, `decoder.*.self_attn`.

    Raises:
        EditBlockError: if the model has none of that name.
    """
    blocks = with_role(plan, "attention")
    found = tuple(one.path for one in blocks if block in (one.path, in_all_layers(one)))
    if not found:
        known = ", ".join(one.path for one in blocks)
        raise EditBlockError(
            f"{block!r} is no attention block of this {plan.kind} model; it has {known}", block=block, known=known
        )
    return found


def in_all_layers(block: Block) -> str:
    """Return the name under which an edit means a block of every layer."""
    return f"{block.stack}.{ALL}.{block.name}"


def one_block(plan: Plan, block: str) -> Block:
    """Return one attention block; errors as in `attention_paths`, and one for more than one block."""
    found = attention_paths(plan, block)
    if found != (block,):
        raise EditBlockError(
            f"{block!r} means several blocks; name one of {', '.join(found)}", block=block, known=", ".join(found)
        )
    return next(one for one in with_role(plan, "attention") if one.path == block)


def check_heads(block: Block, heads: Iterable[int]) -> None:
    """Raise an EditHeadError unless an attention block has all these heads, and there is at least one."""
    named, n_heads = list(heads), attention_facts(block).heads
    for head in named or [-1]:
        if not 0 <= head < n_heads:
            raise EditHeadError(
                f"there is no head {head if named else named}; the heads go from 0 to {n_heads - 1}",
                head=head if named else "-",
                last=n_heads - 1,
            )


def editable_site(plan: Plan, key: str, kinds: Sequence[str], how: str) -> Site:
    """Return the site with this key.

    Raises:
        UnknownSiteError: if there is none.
        EditSiteError: if it is not of one of these kinds, has no positions, or is worked out only when it is read.
    """
    site = find_site(plan, key)
    if site.derived or site.kind not in kinds or not any(site.sides):
        raise EditSiteError(f"{key} cannot be edited like this: {how}", key=key, how=how)
    return site


def rows_of(site: Site, positions: Sequence[int], x: Tensor, row: int | None = None) -> tuple[slice | list[int], ...]:
    """Return the index of these positions in a value with its batch axis; of all where none are named.

    Args:
        site: of the value.
        positions: absolute ones.
        x: the value; of one that is computed row by row, the one row.
        row: which row that is.
    """
    axis = position_axis(site) + 1
    there = range(x.shape[axis]) if row is None else [row]
    reached = [i for i, position in enumerate(there) if not positions or position in positions]
    return (*(slice(None),) * axis, reached)


def first_row(run: Run) -> int:
    """Return which row of the whole stands first in a value that an edit is handed."""
    return run.row or 0


def at_row(values: Tensor, site: Site, row: int | None) -> Tensor:
    """Return what another run has of a site: the whole, or its one row where a value is computed row by row."""
    return values if row is None else values.narrow(position_axis(site) + 1, row, 1)


def check_positions(edit: Edit, plan: Plan, lengths: Mapping[str, int]) -> None:
    """Raise an EditPositionError if an edit names a position that a run of these lengths does not have."""
    for side, position in edit.positions_on(plan):
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
