"""The list of edits: every "what if" that this package can compute, as records with a text each, and how they act.

    edits = parse_edits("off:decoder.2.cross_attn:3;temperature:encoder.0.self_attn:1:2.5", plan)
    trace = glass.trace("我有一只猫", edits=edits)

An edit replaces values while a run computes them (see `hooks`); whatever follows is computed from what it put there.
The text of a list is that of its edits with semicolons between them:

    off:BLOCK:HEADS                   keep:BLOCK:HEADS                 temperature:BLOCK:HEAD:T
    attend:BLOCK:HEAD:QUERY:KEY       weights:BLOCK:HEAD:QUERY:W,W,...
    zero:SITE:POSITIONS               one:SITE:POSITIONS               mean:SITE:POSITIONS
    freeze:SITE:POSITIONS             patch:SITE:POSITIONS:TEXT
    no_residual:SITE                  no_norm:NORM                     row:SITE:WORD:OTHER
    drop:SIDE:POSITIONS               allow:BLOCK:Q-K,Q-K,...          forbid:BLOCK:Q-K,Q-K,...
    mask:BLOCK:causal                 mask:BLOCK:none                  mask:BLOCK:window:WIDTH

WORD and OTHER are ids. Numbers are listed with commas, `*` as positions means all, and `*` as the layer of a block of a
mask means all layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import unquote

import torch

from transformer_core.edits.attention import KeepOnly, SetAttention, SwitchOff, Temperature
from transformer_core.edits.base import ALL, Edit, Run, check_positions
from transformer_core.edits.errors import EditTextError
from transformer_core.edits.masks import DropPositions, MaskCells, WholeMask
from transformer_core.edits.rows import ReplaceRow
from transformer_core.edits.values import Fill, Patch, SkipNorm, SkipResidual
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.plan import Plan
from transformer_core.glass.walks import attention_facts, with_role

__all__ = [
    "DropPositions",
    "Edit",
    "Fill",
    "KeepOnly",
    "MaskCells",
    "Patch",
    "ReplaceRow",
    "SetAttention",
    "SkipNorm",
    "SkipResidual",
    "SwitchOff",
    "Temperature",
    "WholeMask",
    "breaks_causality",
    "check_edits",
    "parse_edit",
    "parse_edits",
    "to_text",
]

BETWEEN = ";"


def to_text(edits: Iterable[Edit]) -> str:
    """Return the text of a list of edits; "" for none."""
    return BETWEEN.join(edit.to_text() for edit in edits)


@checked()
def parse_edits(text: str, plan: Plan) -> tuple[Edit, ...]:
    """Return the edits of a text that `to_text` could have written; errors as in `parse_edit`."""
    return tuple(parse_edit(part, plan) for part in text.split(BETWEEN) if part.strip())


@checked()
def parse_edit(text: str, plan: Plan) -> Edit:
    """Return the edit of a text.

    Raises:
        EditTextError: if it is none.
        GlassformerError: if the model cannot be edited like this: the errors of the edit's `check`.
    """
    name, *parts = text.strip().split(":")
    counts, make = _FORMS.get(name, ((), None))
    if make is None or len(parts) not in counts:
        raise EditTextError(
            f"{text!r} is no edit; one begins with {', '.join(_FORMS)}, and has as many parts as its kind",
            text=text,
            known=", ".join(_FORMS),
        )
    try:
        edit = make(*parts)
    except ValueError as error:
        if hasattr(error, "code"):  # one of ours, which says more
            raise
        raise EditTextError(
            f"{text!r} is no edit: numbers are whole and from 0 on, and stand between commas",
            text=text,
            known=", ".join(_FORMS),
        ) from error
    edit.check(plan)
    return edit


def check_edits(edits: Sequence[Edit], plan: Plan, lengths: Mapping[str, int]) -> None:
    """Raise the error of the first edit that this model, or a run of these lengths, cannot bear.

    Raises:
        EditPositionError: if an edit names a position that the run does not have.
        GlassformerError: the errors of the edit's `check`.
    """
    for edit in edits:
        edit.check(plan)
        check_positions(edit, plan, lengths)


def breaks_causality(edits: Iterable[Edit], plan: Plan, n_target: int) -> bool:
    """Whether a row of a causal stack can depend on a later one: then row t of a run is not step t of a decoding.

    It is told from the edits alone: whether the masks of causal blocks, edited in turn, let a row see a later one, or
    whether an edit carries values from later rows to earlier ones. `n_target` is the number of rows.
    """
    edits, run = tuple(edits), Run(plan)
    if any(edit.looks_ahead(plan, n_target) for edit in edits):
        return True
    causal = torch.ones(1, n_target, n_target, dtype=torch.bool).tril()
    for block in with_role(plan, "attention"):
        if not attention_facts(block).causal:
            continue
        key, mask = f"{block.path}.mask", causal
        for edit in edits:
            if key in edit.keys(plan):
                mask = edit.apply(key, mask, run)
        if bool((mask & ~causal).any()):
            return True
    return False


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError(text)
    return int(text)


def _some(text: str) -> tuple[int, ...]:
    return tuple(_whole(part) for part in text.split(","))


def _some_or_all(text: str) -> tuple[int, ...]:
    return () if text == ALL else _some(text)


def _cells(text: str) -> tuple[tuple[int, int], ...]:
    pairs = [part.split("-") for part in text.split(",")]
    return tuple((_whole(q), _whole(k)) for q, k in pairs)


def _mask(block: str, pattern: str, width: str = "") -> Edit:
    if (pattern == "window") != bool(width):
        raise ValueError(width)
    return WholeMask(block, pattern, _whole(width) if width else 0)  # type: ignore[arg-type]


# How many parts follow the name, and what they make.
_FORMS: dict[str, tuple[tuple[int, ...], Callable[..., Edit]]] = {
    "off": ((2,), lambda block, heads: SwitchOff(block, _some(heads))),
    "keep": ((2,), lambda block, heads: KeepOnly(block, _some(heads))),
    "temperature": ((3,), lambda block, head, t: Temperature(block, _whole(head), float(t))),
    "attend": ((4,), lambda block, head, query, key: SetAttention(block, _whole(head), _whole(query), _whole(key))),
    "weights": (
        (4,),
        lambda block, head, query, shares: SetAttention(
            block, _whole(head), _whole(query), tuple(float(w) for w in shares.split(","))
        ),
    ),
    "zero": ((2,), lambda site, positions: Fill(site, _some_or_all(positions), "zero")),
    "one": ((2,), lambda site, positions: Fill(site, _some_or_all(positions), "one")),
    "mean": ((2,), lambda site, positions: Fill(site, _some_or_all(positions), "mean")),
    "freeze": ((2,), lambda site, positions: Fill(site, _some_or_all(positions), "freeze")),
    "patch": ((3,), lambda site, positions, text: Patch(site, _some_or_all(positions), unquote(text))),
    "row": ((3,), lambda site, word, other: ReplaceRow(site, _whole(word), _whole(other))),
    "no_residual": ((1,), SkipResidual),
    "no_norm": ((1,), SkipNorm),
    "drop": ((2,), lambda side, positions: DropPositions(side, _some(positions))),
    "allow": ((2,), lambda block, cells: MaskCells(block, _cells(cells), True)),
    "forbid": ((2,), lambda block, cells: MaskCells(block, _cells(cells), False)),
    "mask": ((2, 3), _mask),
}
