"""What every task answers, and what tasks share. `Glass` asks its task, and knows no kind of model itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from numpy.typing import NDArray

from transformer_core.decoding.checks import as_batch
from transformer_core.decoding.decode import decode
from transformer_core.decoding.records import Decoding, Record
from transformer_core.decoding.rules import Rule
from transformer_core.edits.listeners import as_listener
from transformer_core.edits.parse import Edit, check_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.abilities import Ability, abilities_of, refusal
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import AbilityError, TargetError, TextTooLongError
from transformer_core.glass.guards.budget import tokens_within, trace_bytes
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key
from transformer_core.glass.words import Words
from transformer_core.models.answers import Guess, Score
from transformer_core.models.sides import Side
from transformer_core.text.base import TextTokenizer

Array = NDArray[Any]


@dataclass(frozen=True)
class Beginning:
    """What a model has before it writes.

    Attributes:
        source: ids that its encoder reads; None without one.
        given: ids of what it goes on from, behind the signs in front.
    """

    source: list[int] | None = None
    given: tuple[int, ...] = ()


class Task(ABC):
    """How text becomes what a model reads, what is shown of it, and what it can be asked.

    Attributes:
        name: of the model.
        model: the network, in eval mode.
        side: the word list that a text goes into.
        trace_bytes: a trace that would take more is refused; None for no limit.
    """

    trace_bytes: int | None = None

    def __init__(self, name: str, model: LanguageModel, side: Side) -> None:
        self.name, self.model, self.side = name, model, side

    @cached_property
    def abilities(self) -> frozenset[Ability]:
        """What the model can be asked for."""
        return abilities_of(self.model.plan, hides=self.side.hides)

    def refusal(self, ability: Ability) -> AbilityError:
        """Return the error that says that the model cannot do this."""
        return refusal(ability, self.model.plan, hides=self.side.hides, model=self.name)

    def require(self, ability: Ability) -> None:
        """Raise an AbilityError unless the model can do this."""
        if ability not in self.abilities:
            raise self.refusal(ability)

    @property
    def start(self) -> tuple[int, ...]:
        """The signs that the decoder reads before its first word; none without a decoder."""
        return ()

    def read_ids(self, text: str) -> list[int]:
        """Return all ids that the model reads of a text, signs included.

        Raises:
            EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
        """
        return self.side.read_ids(text)

    @abstractmethod
    def trace(self, text: str, target: str | None, more: int, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over a text; see `Glass.trace`."""

    @abstractmethod
    def score(self, text: str, target: str | None) -> Score:
        """Return how probable the model finds a text; see `Glass.score`."""

    def writes_ids(self, text: str) -> list[int]:
        """Return the ids that the model has to write for a text, the end included; errors as in `read_ids`."""
        raise self.refusal("writes")

    def begin(self, text: str) -> Beginning:
        """Return what the model has before it writes; errors as in `read_ids`."""
        raise self.refusal("writes")

    def trace_record(self, record: Record, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over the words of a record; see `Glass.trace_record`."""
        raise self.refusal("writes")

    def decode(
        self,
        text: str,
        rules: Sequence[Rule],
        prefixes: Sequence[Sequence[int]],
        max_length: int | None,
        edits: Sequence[Edit],
    ) -> tuple[Decoding, ...]:
        """Return what the model writes for a text by each rule, behind its prefix; see `Glass.decode`."""
        raise self.refusal("writes")

    def fill(self, text: str, n: int) -> tuple[tuple[Guess, ...], ...]:
        """Return what may stand behind each [MASK] of a text; see `Glass.fill`."""
        raise self.refusal("fills")

    def run(
        self,
        source: Sequence[int] | None,
        target: Sequence[int] | None,
        words: Mapping[str, Words],
        edits: Sequence[Edit],
    ) -> Trace:
        """Return the trace of one pass.

        Raises:
            TextTooLongError: if it would take more than `trace_bytes`.
        """
        self._check_size({"source": len(source or ()), "target": len(target or ())})
        return run_with_edits(self.model, source, target, edits, encode=self.read_ids, words=words)

    def _check_size(self, lengths: Mapping[str, int]) -> None:
        plan, number = self.model.plan, next(self.model.parameters()).element_size()
        if self.trace_bytes is None or trace_bytes(plan, lengths, number=number) <= self.trace_bytes:
            return
        limit = tokens_within(plan, self.trace_bytes, number=number)
        side = max(lengths, key=lambda name: lengths[name])
        raise TextTooLongError(
            f"the {side} has {lengths[side]} tokens, and a trace of {self.name} with more than {limit} would take more "
            f"than {self.trace_bytes / 1e6:.0f} MB",
            side=side,
            n_tokens=lengths[side],
            limit=limit,
        )

    def one_text(self, target: str | None) -> None:
        """Raise a TargetError if there is a second text."""
        if target is not None:
            kind = self.model.plan.kind
            raise TargetError(
                f"a target was given, but {self.name} is {kind}: it takes one text only", architecture=kind
            )

    def unedited_logits(self, trace: Trace, source: Sequence[int] | None, target: Sequence[int] | None) -> Array:
        """Return the logits of the pass of a trace, as they are without its edits: [L, V]."""
        if not trace.edits:
            return trace[logits_key(trace.plan)]
        with evaluating(self.model), torch.inference_mode():
            return as_array(self.model(as_batch(self.model, source), as_batch(self.model, target)))[0]


class WritingTask(Task):
    """A task of a model that writes: a decoder reads the signs in front and every word before the one that it writes.

    Attributes:
        written: the word list that it writes.
    """

    def __init__(self, name: str, model: LanguageModel, side: Side, written: Side) -> None:
        super().__init__(name, model, side)
        self.written = written

    @property
    def start(self) -> tuple[int, ...]:
        """The signs that the decoder reads before its first word; perhaps none."""
        return self.written.tokenizer.start

    def writes_ids(self, text: str) -> list[int]:
        """Return the ids that the model has to write for a text, the end included; errors as in `read_ids`."""
        return [*self.written.text_ids(text), *self.written.tokenizer.behind]

    def trace_record(self, record: Record, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over the words of a record; see `Glass.trace_record`."""
        ids, ends = list(record.ids), self.written.tokenizer.behind
        n_typed = record.n_forced if isinstance(record, Decoding) else len(ids) - (tuple(ids[-len(ends) :]) == ends)
        whole = [*record.read[:1], *ids]
        typed = [len(self.start) <= t <= n_typed for t in range(len(whole))]
        source = None if record.source is None else list(record.source)
        return self.run(source, whole[:-1], self._words(source, whole, typed), edits)

    def decode(
        self,
        text: str,
        rules: Sequence[Rule],
        prefixes: Sequence[Sequence[int]],
        max_length: int | None,
        edits: Sequence[Edit],
    ) -> tuple[Decoding, ...]:
        """Return what the model writes for a text by each rule, behind its prefix; see `Glass.decode`."""
        begin, model = self.begin(text), self.model
        source = None if begin.source is None else torch.tensor([begin.source] * len(rules), device=model.device)
        given = [[*begin.given, *prefix] for prefix in prefixes]
        check_edits(edits, model.plan, {"source": len(begin.source or ()), "target": model.config.max_length})
        return decode(
            model,
            source,
            rules,
            prefixes=given if any(given) else None,
            start=self.start,
            max_length=max_length,
            edit=partial(as_listener, edits, model, encode=self.read_ids) if edits else None,
        )

    def _words(self, source: Sequence[int] | None, whole: Sequence[int], typed: Sequence[bool]) -> dict[str, Words]:
        """Return the words of a pass whose decoder reads all of `whole` but the last, and writes all but the first."""
        read, written = self.written.words(whole[:-1], typed[:-1]), self.written.words(whole[1:], typed[1:])
        return {self.written.name: Words(read, written, tuple(whole[1:]))}


def reading_side(
    model: LanguageModel, name: str, tokenizer: TextTokenizer, word_list: str, *, hides: bool = False
) -> Side:
    """Return the side of an encoder, which reads a text with the signs around it; `hides` as in `Side`."""
    before, behind = tokenizer.before, tokenizer.behind
    limit = model.config.max_length - len(before) - len(behind)
    return Side(word_list, name, tokenizer, limit, before, behind, hides)


def writing_side(model: LanguageModel, name: str, tokenizer: TextTokenizer, word_list: str) -> Side:
    """Return the side of a decoder, which reads a text behind the signs in front of it."""
    return Side(word_list, name, tokenizer, model.config.max_length - len(tokenizer.start), tokenizer.start)
