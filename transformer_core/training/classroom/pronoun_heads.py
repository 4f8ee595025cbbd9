"""Which head carries what a pronoun stands for: whom it looks at, and what becomes of il or elle without it.

A sentence of the family of `pronouns` is written by force up to its pronoun. What the model says there is one number:
log P(right pronoun) - log P(wrong one). A head matters as far as that number falls when it is switched off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.edits.attention import SwitchOff
from transformer_core.edits.base import Edit
from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key
from transformer_core.models.glass import Glass
from transformer_core.studies.heads.attention_blocks import find_block
from transformer_core.studies.heads.head_table import Head, all_heads
from transformer_core.text.tokenizer import Tokenizer, own
from transformer_core.training.classroom.pronouns import Case
from transformer_core.transformer.plans import SOURCE

_IT = "because it"


@dataclass(frozen=True)
class Places:
    """Where things stand in one sentence, as positions of tokens.

    Attributes:
        it: "it", in the source.
        pronoun: il or elle, in the written words.
        noun, other: by side, the noun that "it" stands for and the other one.
        right, wrong: the ids of the two pronouns.
    """

    it: int
    pronoun: int
    noun: Mapping[str, tuple[int, ...]]
    other: Mapping[str, tuple[int, ...]]
    right: int
    wrong: int


@dataclass(frozen=True)
class PronounHead:
    """One head over some sentences; each number is the mean over them.

    Attributes:
        head: which.
        to_noun: its weight from the pronoun (in the encoder: from "it") to the noun that it stands for.
        to_other: the same to the other noun.
        margin_lost: by how much log P(right) - log P(wrong) falls without it, in nats.
        turned: the share of the sentences in which the more probable pronoun becomes the other one.
    """

    head: Head
    to_noun: float
    to_other: float
    margin_lost: float
    turned: float


def pronoun_heads(glass: Glass, cases: Iterable[Case]) -> tuple[PronounHead, ...]:
    """Measure every head of an en-fr model over these cases, whose two nouns must differ in gender.

    A case in which a noun or a pronoun is not found as whole tokens is left out.
    """
    heads = all_heads(glass.plan)
    rows = [row for case in cases if (row := _measured(glass, case, heads)) is not None]
    means = np.mean(rows, axis=0) if rows else np.full((len(heads), 4), np.nan)
    return tuple(PronounHead(head, *map(float, numbers)) for head, numbers in zip(heads, means, strict=True))


def margin(glass: Glass, case: Case, edits: Sequence[Edit] = ()) -> float | None:
    """log P(right pronoun) - log P(wrong one) where the pronoun is written, in nats; None if it is no single token."""
    places = find_places(glass, case)
    return None if places is None else _margin(glass.trace(case.text("en"), case.text("fr"), edits=edits), places)


def find_places(glass: Glass, case: Case) -> Places | None:
    """Where the pronoun and the two nouns of a case stand; None if one of them is not there as whole tokens."""
    read, written = own(glass.source_tokenizer), own(glass.target_tokenizer)
    english, french = case.text("en"), case.text("fr")
    it = _tokens(read, english, english.index(_IT) + len(_IT) - 2, "it")
    start = french.index(f"{case.pronoun} était")
    pronoun = _tokens(written, french, start, case.pronoun)
    wrong = french[:start] + ("il" if case.pronoun == "elle" else "elle") + french[start + len(case.pronoun) :]
    ids, other_ids = written.encode(french), written.encode(wrong)
    nouns = [case.referent, case.goal if case.referent is case.doer else case.doer]
    found = [
        {"source": _noun(read, english, row["en"]), "target": _noun(written, french, row["fr"].replace("*", ""))}
        for row in nouns
    ]
    if len(it) != 1 or len(pronoun) != 1 or not all(place for side in found for place in side.values()):
        return None
    at = pronoun[0]
    if len(ids) != len(other_ids) or ids[:at] != other_ids[:at] or ids[at] == other_ids[at]:
        return None
    return Places(it[0], at, found[0], found[1], ids[at], other_ids[at])


def _measured(glass: Glass, case: Case, heads: Sequence[Head]) -> NDArray[Any] | None:
    """For each head: weight to the noun, to the other, margin lost, whether the choice turned: [N, 4]."""
    places = find_places(glass, case)
    if places is None:
        return None
    english, french = case.text("en"), case.text("fr")
    whole = glass.trace(english, french)
    before = _margin(whole, places)
    rows = []
    for head in heads:
        row, noun, other = _looks(glass.plan, head, places)
        weights = np.asarray(whole[f"{head.block}.weights"], dtype=np.float64)[head.index, row]
        after = _margin(glass.trace(english, french, edits=[SwitchOff(head.block, (head.index,))]), places)
        rows.append((weights[list(noun)].sum(), weights[list(other)].sum(), before - after, before * after < 0))
    return np.array(rows, dtype=np.float64)


def _looks(plan: Plan, head: Head, places: Places) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """The row of a head that stands for the pronoun, and the columns of the two nouns."""
    block = find_block(plan, head.block)
    if block.words == SOURCE:
        return places.it, places.noun["source"], places.other["source"]
    if block.memory:
        return places.pronoun, places.noun["source"], places.other["source"]
    # the decoder reads <s> first: a written word stands one position later among those that are read
    noun, other = (tuple(place + 1 for place in side["target"]) for side in (places.noun, places.other))
    row = places.pronoun
    return row, tuple(place for place in noun if place <= row), tuple(place for place in other if place <= row)


def _margin(trace: Trace, places: Places) -> float:
    logits = np.asarray(trace[logits_key(trace.plan)], dtype=np.float64)[places.pronoun]
    return float(logits[places.right] - logits[places.wrong])


def _noun(tokenizer: Tokenizer, text: str, noun: str) -> tuple[int, ...]:
    found = re.search(rf"(?<!\w){re.escape(noun)}(?!\w)", text)
    return _tokens(tokenizer, text, found.start(), noun) if found else ()


def _tokens(tokenizer: Tokenizer, text: str, start: int, word: str) -> tuple[int, ...]:
    """The tokens of a word that begins at a character; none if one of them holds more than the word."""
    end = start + len(word)
    inside = [(i, span) for i, span in enumerate(tokenizer.spans(text)) if span[0] < end and span[1] > start]
    return tuple(i for i, _ in inside) if all(start <= a and b <= end for _, (a, b) in inside) else ()
