"""The reader's list of edits: its text in the link, which of them are on, and which can be carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from transformer_core.edits.parse import BETWEEN, Edit, check_edits, parse_edit
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from ui.state.models import Asked, get_model, get_trace

OFF = "-"
KEPT = 256  # lists of edits


@dataclass(frozen=True)
class Entry:
    """One edit of the list: its text, and whether it is on."""

    text: str
    on: bool = True


@dataclass(frozen=True)
class InEffect:
    """What becomes of a list of edits in a run of a sentence.

    Attributes:
        text: of the edits that are carried out; "" if there are none, or if together they cannot be.
        entries: their places in the list.
        edits: those that mean something in this run, on or off, by their places in the list.
        problems: what is wrong with an edit, by its place in the list.
        refused: why the edits cannot be carried out together.
    """

    text: str = ""
    entries: tuple[int, ...] = ()
    edits: Mapping[int, Edit] = field(default_factory=dict)
    problems: Mapping[int, GlassformerError] = field(default_factory=dict)
    refused: GlassformerError | None = None


def entries(text: str) -> tuple[Entry, ...]:
    """Return the edits of a text, whether they mean anything or not."""
    found = [part.strip() for part in text.split(BETWEEN)]
    return tuple(Entry(part.removeprefix(OFF), not part.startswith(OFF)) for part in found if part)


def written(listed: Iterable[Entry]) -> str:
    """Return the text of edits: what `entries` reads."""
    return BETWEEN.join(f"{'' if entry.on else OFF}{entry.text}" for entry in listed)


def switched(text: str, number: int) -> str:
    """Return the list with one of its edits switched on or off."""
    return written(replace(e, on=not e.on) if i == number else e for i, e in enumerate(entries(text)))


def without(text: str, number: int) -> str:
    """Return the list without one of its edits; -1 is all of them."""
    return written(entry for i, entry in enumerate(entries(text)) if number not in (i, -1))


def added(text: str, edit: Edit, instead: Iterable[Edit] = ()) -> str:
    """Return the list with one more edit, on, without those of `instead`; one that is there goes to the end."""
    new = Entry(edit.to_text())
    gone = {new.text, *(other.to_text() for other in instead)}
    return written([*(entry for entry in entries(text) if entry.text not in gone), new])


@lru_cache(maxsize=KEPT)
def in_effect(plain: Asked, text: str) -> InEffect:
    """Return what becomes of a list of edits in the run of a sentence; nothing does where that cannot run at all."""
    try:
        lengths = _lengths(get_trace(plain))
    except GlassformerError:
        return InEffect()
    plan = get_model(plain.model).plan
    edits: dict[int, Edit] = {}
    problems: dict[int, GlassformerError] = {}
    fit: dict[int, str] = {}
    for number, entry in enumerate(entries(text)):
        try:
            edit = parse_edit(entry.text, plan)
            check_edits([edit], plan, lengths)
        except GlassformerError as error:
            problems[number] = error
        else:
            edits[number] = edit
            if entry.on:
                fit[number] = entry.text
    joined = BETWEEN.join(fit.values())
    try:
        get_trace(replace(plain, edits=joined))
    except GlassformerError as error:
        return InEffect(edits=edits, problems=problems, refused=error)
    return InEffect(joined, tuple(fit), edits, problems)


def _lengths(trace: Trace) -> dict[str, int]:
    return {name: len(words.read) for name, words in trace.words.items()}
