"""Models that go on with a text: a decoder alone, which says at each word which one it expects next."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from transformer_core.decoding.decode import greedy
from transformer_core.decoding.forced_pass import teacher_forcing
from transformer_core.edits.parse import Edit
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.trace import Trace
from transformer_core.models.answers import Score
from transformer_core.models.tasks.base import Beginning, WritingTask, writing_side
from transformer_core.text.base import TextTokenizer


class GoingOn(WritingTask):
    """Reads a text behind the signs in front, if there are any, and writes what comes next. No end is put behind it."""

    def __init__(self, name: str, model: LanguageModel, tokenizer: TextTokenizer) -> None:
        side = writing_side(model, name, tokenizer, model.plan.word_lists[0].name)
        super().__init__(name, model, side, side)

    def trace(self, text: str, target: str | None, more: int, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over a text and `more` words of the model's own; see `Glass.trace`."""
        self.one_text(target)
        read = self.read_ids(text)
        typed = self.side.typed(read)
        if more:
            begin = torch.tensor([read], device=self.model.device)
            own = greedy(self.model, None, begin=begin, max_length=more + 1)[0]
            whole, flags = [*read, *own], [*typed, *[False] * len(own)]
            return self.run(None, whole[:-1], self._words(None, whole, flags), edits)
        trace = self.run(None, read, {}, edits)
        following = int(self.unedited_logits(trace, None, read)[-1].argmax())
        return trace.labelled(self._words(None, [*read, following], [*typed, False]))

    def begin(self, text: str) -> Beginning:
        """Return the text, which the model goes on with."""
        return Beginning(given=tuple(self.side.text_ids(text)))

    def score(self, text: str, target: str | None) -> Score:
        """Return how probable the model finds a text, the end included; see `Glass.score`."""
        self.one_text(target)
        # Without a sign in front, the one that parts texts in training is read before the first word.
        start = self.start or self.side.tokenizer.behind[:1]
        forced = teacher_forcing(self.model, None, [self.writes_ids(text)], start=start)[0]
        return Score(text=text, tokens=self.side.tokenizer.pieces(forced.ids), log_probs=-forced.losses)
