"""Models that read a text in both directions: those with a [MASK] fill in words, all give vectors.

Letters: L position, N masked position, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from transformer_core.decoding.checks import as_batch
from transformer_core.decoding.sampling import log_softmax
from transformer_core.edits.parse import Edit
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import NoMaskError
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Words
from transformer_core.models.answers import Guess, Score, best_guesses
from transformer_core.models.tasks.base import Array, Task, reading_side
from transformer_core.text.base import TextTokenizer

AT_ONCE = 48  # rows of a batch


class Filling(Task):
    """Reads a text with the signs around it; a typed [MASK] hides a word, where the tokenizer has that sign."""

    def __init__(self, name: str, model: LanguageModel, tokenizer: TextTokenizer) -> None:
        words, hides = model.plan.word_lists[0].name, tokenizer.mask_id is not None
        super().__init__(name, model, reading_side(model, name, tokenizer, words, hides=hides))

    def trace(self, text: str, target: str | None, more: int, edits: Sequence[Edit]) -> Trace:
        """Return every value of one pass over a text; see `Glass.trace`."""
        self.one_text(target)
        if more:
            self.require("predicts_next")
        ids = self.read_ids(text)
        typed = self.side.typed(ids)
        read = self.side.words(ids, typed)
        trace = self.run(ids, None, {self.side.name: Words(read)}, edits)
        if "fills" not in self.abilities:
            return trace
        best = self.unedited_logits(trace, ids, None).argmax(axis=-1)
        hidden = [i == self.side.tokenizer.mask_id for i in ids]
        filled = [int(best[t]) if hide else i for t, (i, hide) in enumerate(zip(ids, hidden, strict=True))]
        flags = [was and not hide for was, hide in zip(typed, hidden, strict=True)]
        words = Words(read, self.side.words(filled, flags), tuple(filled))
        return trace.labelled({self.side.name: words})

    def fill(self, text: str, n: int) -> tuple[tuple[Guess, ...], ...]:
        """Return what may stand behind each [MASK] of a text; see `Glass.fill`."""
        self.require("fills")
        ids, mask = self.read_ids(text), self.side.tokenizer.mask_id
        places = [t for t, i in enumerate(ids) if i == mask]
        if not places:
            sign = self.side.tokenizer.mask
            raise NoMaskError(
                f"there is no {sign} in {text!r}; write one for each word to be found", text=text, mask=sign
            )
        with evaluating(self.model), torch.inference_mode():
            probs = np.exp(log_softmax(as_array(self.model(as_batch(self.model, ids)))[0, places]))
        return tuple(
            best_guesses(self.side.tokenizer, row, ids[max(0, place - 1) : place], n)
            for place, row in zip(places, probs, strict=True)
        )

    def score(self, text: str, target: str | None) -> Score:
        """Return how well the model tells each token of a text from all others; see `Glass.score`."""
        self.one_text(target)
        self.require("fills")
        ids, mask = self.read_ids(text), self.side.tokenizer.mask_id
        assert mask is not None
        places = [t for t, typed in enumerate(self.side.typed(ids)) if typed]
        rows = [[*ids[:place], mask, *ids[place + 1 :]] for place in places]
        log_probs = self._log_probs(rows, places)[range(len(places)), [ids[place] for place in places]]
        shown = self.side.tokenizer.pieces(ids)
        return Score(text=text, tokens=tuple(shown[place] for place in places), log_probs=log_probs, pseudo=True)

    def _log_probs(self, rows: Sequence[Sequence[int]], places: Sequence[int]) -> Array:
        """Return the log-probability of every word at one place of each row, float64: [N, V]."""
        found = []
        for start in range(0, len(rows), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            ids = torch.tensor(rows[part], device=self.model.device)
            with evaluating(self.model), torch.inference_mode():
                there = self.model.features(ids)[range(len(ids)), list(places[part])]  # [N, D]
                found.append(as_array(self.model.head(there)))
        return log_softmax(np.concatenate(found))
