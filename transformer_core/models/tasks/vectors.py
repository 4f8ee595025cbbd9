"""Models of word vectors: each word of a text has the vector that it has in every text."""

from __future__ import annotations

from collections.abc import Sequence

from transformer_core.edits.parse import Edit
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Words
from transformer_core.models.answers import Score
from transformer_core.models.sides import Side
from transformer_core.models.tasks.base import Task
from transformer_core.text.base import TextTokenizer


class Vectors(Task):
    """Reads the words of a text, without any sign; it tells none, and so scores no text."""

    def __init__(self, name: str, model: LanguageModel, tokenizer: TextTokenizer) -> None:
        super().__init__(name, model, Side(model.plan.word_lists[0].name, name, tokenizer, model.config.max_length))

    def trace(self, text: str, target: str | None, more: int, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over a text; see `Glass.trace`."""
        self.one_text(target)
        if more:
            self.require("predicts_next")
        ids = self.read_ids(text)
        read = self.side.words(ids, self.side.typed(ids))
        return self.run(None, ids, {self.side.name: Words(read)}, edits)

    def score(self, text: str, target: str | None) -> Score:
        """Refuse: how near a word stands is no probability of a text."""
        raise self.refusal("predicts_next")
