"""A model with its tokenizers: text in, text out, and every value in between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from transformer_core.decoding.errors import MaxLengthError
from transformer_core.decoding.reader import MakeListener
from transformer_core.decoding.records import Decoding, Record
from transformer_core.decoding.rules import GREEDY, Rule
from transformer_core.edits.listeners import as_listener
from transformer_core.edits.parse import Edit
from transformer_core.glass.abilities import Ability
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.guards.arguments import checked, is_whole, plain, shown
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key
from transformer_core.models.answers import Guess, Score, Translation
from transformer_core.models.doubt import DoubtRule, doubted_words
from transformer_core.models.tasks import Task, Translating, task_of
from transformer_core.text.base import TextTokenizer


class Glass:
    """A trained model that takes text; what `load_model` returns.

    What it can be asked follows from its `abilities`; the rest it refuses with an AbilityError.

    Attributes:
        name: of the bundled model, of its folder, or on its hub.
        model: the network, in eval mode.
        source_tokenizer, target_tokenizer: None for a side that is not there.
        trace_bytes: a trace that would take more is refused by a TextTooLongError; None for no limit.
        revision: the commit of a model of a hub; "" for any other.
        doubt: when it doubts what it wrote; None where that was never measured.
    """

    revision = ""
    doubt: DoubtRule | None = None

    @checked()
    def __init__(
        self,
        name: str,
        model: LanguageModel,
        source_tokenizer: TextTokenizer | None,
        target_tokenizer: TextTokenizer | None,
        *,
        trace_bytes: int | None = None,
    ) -> None:
        self.name, self.trace_bytes = name, trace_bytes
        self.model = model
        self.source_tokenizer, self.target_tokenizer = source_tokenizer, target_tokenizer

    @cached_property
    def task(self) -> Task:
        """How text becomes what the model reads, and what is shown of it."""
        task = task_of(self.name, self.model, self.source_tokenizer, self.target_tokenizer)
        task.trace_bytes = self.trace_bytes
        return task

    @property
    def plan(self) -> Plan:
        """What the model says of itself."""
        return self.model.plan

    @property
    def config(self) -> Any:
        """The shape of the model."""
        return self.model.config

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the model can be asked for: some of translates, writes, predicts_next, fills, classifies, embeds."""
        return self.task.abilities

    @checked("text")
    def translate(self, text: str) -> Translation:
        """Return the translation that the model writes when it always takes the most probable word.

        Raises:
            EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
            AbilityError: if the model does not translate.
        """
        self.task.require("translates")
        assert isinstance(self.task, Translating)
        found, tokenizer = self.decode(text), self.task.written.tokenizer
        doubted = doubted_words(self.doubt, tokenizer, found.ids, found.logits)
        return Translation(tokenizer.decode(found.ids), found.ids, tokenizer.pieces(found.ids), found.stopped, doubted)

    @checked()
    def doubted(self, trace: Trace) -> tuple[tuple[int, int], ...]:
        """Return the words of a trace's own translation that the model doubts, as in `Translation.doubted`."""
        written, key = trace.writing.written_ids, logits_key(trace.plan)
        return doubted_words(self.doubt, self.target_tokenizer, written, trace[key])

    @checked("text", "target", "more")
    def trace(self, text: str, target: str | None = None, *, more: int = 0, edits: Sequence[Edit] = ()) -> Trace:
        """Return every value of one pass over a text.

        `Trace.words` says of every word whether it is a sign and whether it was typed. What a position "writes" is: in
        a translator the next word of the translation; in a model that goes on with texts the next word of the text, and
        at the last position the word that the model itself would write next; in one that fills in words the word that
        stands there, and at a [MASK] the word that the model puts there.

        Args:
            text: what is read.
            target: what a translator is made to write (teacher forcing); without it, its own translation.
            more: how many words of its own (greedy) a model that goes on with texts also reads, behind the text.
            edits: what is changed in the pass. It reads and writes the same words as without them, the model's own
                too, so that the two runs can be compared cell by cell; what it would write itself says `decode`.

        Raises:
            EmptyTextError, TextTooLongError: if a text has no token, or more than the model takes.
            TargetError: if a target is given and the model takes one text only.
            AbilityError: if `more` is asked of a model that does not go on with texts.
            MaxLengthError: if `more` is no integer of at least 0.
            GlassformerError: as in `edits.run_with_edits`.
        """
        more = plain(more)
        if not is_whole(more) or more < 0:
            raise MaxLengthError(f"more must be an integer of at least 0, not {shown(more)}", value=more)
        return self.task.trace(text, target, more, edits)

    @checked("text", "max_length")
    def decode(
        self,
        text: str,
        rule: Rule = GREEDY,
        *,
        prefix: Sequence[int] = (),
        max_length: int | None = None,
        edits: Sequence[Edit] = (),
    ) -> Decoding:
        """Return what the model writes by a rule, with the record of every step.

        Args:
            text: the source; in a decoder-only model, the text that it goes on from, the first of the given words.
            rule: `Greedy`, `Sampling` or `Beam`.
            prefix: ids that it is made to write first (in a decoder-only model, behind the text).
            max_length: at most this many words, those that were given included.
            edits: what is changed in every step. A step is then a pass over all words so far, without a cache, and an
                edit of a position acts from the step on in which the position is there.

        Raises:
            EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
            AbilityError: if the model does not write.
            ForcedWordsError, MaxLengthError: as in `decoding.decode`.
            GlassformerError: as in `edits.run_with_edits`.
        """
        return self.task.decode(text, [rule], [prefix], max_length, edits)[0]

    @checked("text", "max_length")
    def decode_each(
        self, text: str, rules: Sequence[Rule], *, max_length: int | None = None, edits: Sequence[Edit] = ()
    ) -> tuple[Decoding, ...]:
        """Return what the model writes for a text by each of several rules; arguments as in `decode`.

        Without edits in one batch; a listener edits one row at a time.
        """
        if edits:
            return tuple(self.decode(text, rule, max_length=max_length, edits=edits) for rule in rules)
        return self.task.decode(text, rules, [()] * len(rules), max_length, edits)

    @checked("text", "target")
    def score(self, text: str, target: str | None = None) -> Score:
        """Return how probable the model finds a text, token by token.

        In a model that goes on with texts each token is told from those before it, and the end counts as one; in a
        translator the same of the translation; in one that fills in words each token is hidden alone and told from all
        others (`Score.pseudo`), and a typed [MASK] is told as the characters that it is.

        Args:
            text: what is read, or the source.
            target: the translation that is scored.

        Raises:
            EmptyTextError, TextTooLongError: if a text has no token, or more than the model takes.
            TargetError: if a target is given and the model takes one text only, or none to a translator.
            AbilityError: if the model tells no words.
        """
        return self.task.score(plain(text), plain(target))

    @checked("text")
    def fill(self, text: str, n: int = 10) -> tuple[tuple[Guess, ...], ...]:
        """Return for each [MASK] of a text the `n` most probable pieces, at least 1, most probable first.

        A [MASK] stands for one piece of the vocabulary. A word of several pieces has as many [MASK]s; the guesses of
        one are then made without knowing what stands behind the others, and the best of each need not make a word.
        T5 has a sign for each gap, <extra_id_0> for the first, and a gap holds any number of pieces: the guesses are
        for the first of them, when the gaps before are filled as the model itself fills them.

        Raises:
            EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
            AbilityError: if the model neither fills in words nor gaps.
            NoMaskError: if the text has no [MASK], or no gap.
            ArgumentError: if `n` is no integer of at least 1.
        """
        if n < 1:
            wanted = "an integer of at least 1"
            raise ArgumentError(f"n must be {wanted}, not {n}", name="n", value=n, wanted=wanted)
        return self.task.fill(text, n)

    @checked()
    def listener(self, edits: Sequence[Edit]) -> MakeListener | None:
        """Return what makes, from the ids of a pass, the listener that edits it; None for no edits."""
        return partial(as_listener, edits, self.model, encode=self.read_ids) if edits else None

    @checked()
    def trace_record(self, record: Record, *, edits: Sequence[Edit] = ()) -> Trace:
        """Return every value of one pass over the words of a decoding or of a teacher-forced pass.

        Row t is step t, unless the edits break causality. The words that were given count as typed.
        """
        return self.task.trace_record(record, edits)

    @checked("text")
    def read_ids(self, text: str) -> list[int]:
        """Return all ids that the model reads of a text, signs included: </s> last, or <s> first.

        Raises:
            EmptyTextError, TextTooLongError: if there are none, or more than the model takes.
        """
        return self.task.read_ids(text)

    @checked("text")
    def source_ids(self, text: str) -> list[int]:
        """Return the ids that the encoder reads for a text; errors as in `read_ids`, an AbilityError without one."""
        if self.source_tokenizer is None:
            self.task.require("translates")
        return self.task.read_ids(text)

    @checked("text")
    def target_ids(self, text: str) -> list[int]:
        """Return the ids to write for a text, </s> last; errors as in `read_ids`, an AbilityError if nothing writes."""
        return self.task.writes_ids(text)

    @checked()
    def unseen(self, text: str) -> tuple[str, ...]:
        """Return the words or characters of a text that training never saw."""
        return self.task.side.unseen(text)

    @checked()
    def unseen_flags(self, text: str) -> tuple[bool, ...]:
        """Return for each of `read_ids` whether training never saw its word or character."""
        return self.task.side.unseen_flags(text)
