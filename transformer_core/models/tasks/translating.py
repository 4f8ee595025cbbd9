"""Translators: an encoder reads one text, a decoder writes another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from transformer_core.decoding.checks import as_batch
from transformer_core.decoding.decode import greedy
from transformer_core.decoding.forced_pass import teacher_forcing
from transformer_core.decoding.sampling import log_softmax
from transformer_core.edits.parse import Edit
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import NoMaskError, TargetError
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Words
from transformer_core.models.answers import Guess, Score, best_guesses
from transformer_core.models.tasks.base import Beginning, WritingTask, reading_side, writing_side
from transformer_core.text.base import TextTokenizer


class Translating(WritingTask):
    """Reads a text with the signs around it, and writes a translation behind the signs in front.

    Where the tokenizer has signs for gaps, it also writes what stands in the gaps of a text, behind the sign of each.
    """

    def __init__(self, name: str, model: LanguageModel, source: TextTokenizer, target: TextTokenizer) -> None:
        read, written = model.plan.word_lists
        super().__init__(
            name,
            model,
            reading_side(model, name, source, read.name, hides=bool(source.gaps)),
            writing_side(model, name, target, written.name),
        )

    def translate(self, text: str) -> list[int]:
        """Return the ids of the translation that always takes the most probable word."""
        source = as_batch(self.model, self.read_ids(text))
        start = torch.tensor([self.start], device=self.model.device)
        return greedy(self.model, source, begin=start)[0]

    def trace(self, text: str, target: str | None, more: int, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over a text and a translation, given or its own; see `Glass.trace`."""
        if more:
            self.require("predicts_next")
        source = self.read_ids(text)
        if target is None:
            written = self.translate(text)
            typed = [False] * len(written)
        else:
            written = self.writes_ids(target)
            n_signs = len(self.written.tokenizer.behind)
            typed = [*[True] * (len(written) - n_signs), *[False] * n_signs]
        whole, flags = [*self.start, *written], [*[False] * len(self.start), *typed]
        return self.run(source, whole[:-1], self._words(source, whole, flags), edits)

    def begin(self, text: str) -> Beginning:
        """Return what the encoder reads; nothing is written yet."""
        return Beginning(self.read_ids(text))

    def fill(self, text: str, n: int) -> tuple[tuple[Guess, ...], ...]:
        """Return what may stand first in each gap of a text; see `Glass.fill`."""
        if "fills_gaps" not in self.abilities:
            return super().fill(text, n)
        read, tokenizer = self.read_ids(text), self.written.tokenizer
        found = [i for i in read if i in tokenizer.gaps]
        if not found:
            sign = tokenizer.pieces(tokenizer.gaps[:1])[0]
            raise NoMaskError(
                f"there is no {sign} in {text!r}; write one for the first gap, the next for the second, and so on",
                text=text,
                mask=sign,
            )
        guesses, so_far, source = [], list(self.start), as_batch(self.model, read)
        for number, gap in enumerate(found, start=1):
            so_far.append(gap)
            begin = torch.tensor([so_far], device=self.model.device)
            with evaluating(self.model), torch.inference_mode():
                said = as_array(self.model(source, begin, padded=False)[0, -1:])
            guesses.append(best_guesses(tokenizer, np.exp(log_softmax(said))[0], [gap], n))
            # A gap that finds no end leaves a place for the signs of the others.
            room = self.model.config.max_length - len(so_far) - (len(found) - number)
            own = greedy(self.model, source, begin=begin, max_length=room)[0]
            ends = (t for t, i in enumerate(own) if i in tokenizer.gaps or i == self.model.config.eos_id)
            so_far += own[: next(ends, len(own))]
        return tuple(guesses)

    def score(self, text: str, target: str | None) -> Score:
        """Return how probable the model finds a translation; see `Glass.score`."""
        if target is None:
            kind = self.model.plan.kind
            raise TargetError(
                f"no target was given, and {self.name} is {kind}: score(text, target) tells how probable the "
                "translation `target` of a text is",
                architecture=kind,
            )
        source, right = as_batch(self.model, self.read_ids(text)), self.writes_ids(target)
        forced = teacher_forcing(self.model, source, [right], start=self.start)[0]
        return Score(text=target, tokens=self.written.tokenizer.pieces(forced.ids), log_probs=-forced.losses)

    def _words(self, source: Sequence[int] | None, whole: Sequence[int], typed: Sequence[bool]) -> dict[str, Words]:
        """Return the words of both lists; of the source all but the signs around it were typed."""
        assert source is not None
        read = self.side.words(source, self.side.typed(source))
        return {self.side.name: Words(read), **super()._words(source, whole, typed)}
