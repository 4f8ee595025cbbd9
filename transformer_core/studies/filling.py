"""Several hidden words: told all at once, each without knowing the others, or one after the other, the surest first.

A model that was trained to tell hidden words gives for each gap the probabilities of a word, given what is not hidden.
Told all at once, the words are independent of each other: two that are likely alone need not go together. Told in turn,
each knows those before it. The surest first is the order of easy-first decoding (Goldberg and Elhadad 2010), and of
Mask-Predict with one word a round (Ghazvininejad et al. 2019).

Letters: L position, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from transformer_core.decoding.checks import as_batch
from transformer_core.decoding.sampling import log_softmax
from transformer_core.edits.parse import Edit, check_edits
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import NoMaskError
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.hooks import listening
from transformer_core.models.glass import Glass

Array = NDArray[Any]


@dataclass(frozen=True)
class Filled:
    """A text in which every [MASK] was replaced by the model's word.

    Attributes:
        text: that came of it.
        ids: of what the model reads of it, signs included.
        places: the positions of the gaps, in the order in which they were filled.
        log_probs: of the word of each, in that order, when it was told: the natural logarithm of its probability over
            the whole vocabulary.
    """

    text: str
    ids: tuple[int, ...]
    places: tuple[int, ...]
    log_probs: tuple[float, ...]

    @property
    def log_prob(self) -> float:
        """The sum: of all words together, as far as the order in which they were told knows it."""
        return sum(self.log_probs)


@checked("text")
def fill_at_once(glass: Glass, text: str, *, edits: Sequence[Edit] = ()) -> Filled:
    """Put into each gap the word that is most probable while all are hidden; from left to right.

    Raises:
        EmptyTextError, TextTooLongError, AbilityError, NoMaskError: as `Glass.fill`.
        GlassformerError: as `check_edits`.
    """
    ids, places = _gaps(glass, text, edits)
    log_probs = _log_probs(glass, ids, edits)[places]
    found = log_probs.argmax(axis=1)
    filled = list(ids)
    for place, word in zip(places, found, strict=True):
        filled[place] = int(word)
    return _filled(glass, filled, places, log_probs[range(len(places)), found].tolist())


@checked("text")
def fill_in_turn(glass: Glass, text: str, *, edits: Sequence[Edit] = ()) -> Filled:
    """Put a word into the gap whose most probable word is surest, read the text anew, and so on until none is left.

    Of equally sure ones the leftmost is filled first. Errors as in `fill_at_once`.
    """
    ids, places = _gaps(glass, text, edits)
    left, order, sure = list(places), list[int](), list[float]()
    while left:
        log_probs = _log_probs(glass, ids, edits)[left]
        which = int(log_probs.max(axis=1).argmax())
        word = int(log_probs[which].argmax())
        order.append(left.pop(which))
        sure.append(float(log_probs[which, word]))
        ids[order[-1]] = word
    return _filled(glass, ids, order, sure)


def _gaps(glass: Glass, text: str, edits: Sequence[Edit]) -> tuple[list[int], list[int]]:
    """The ids of a text, and the positions of its gaps."""
    glass.task.require("fills")
    ids, tokenizer = glass.read_ids(text), glass.task.side.tokenizer
    places = [place for place, i in enumerate(ids) if i == tokenizer.mask_id]
    if not places:
        sign = tokenizer.mask
        raise NoMaskError(f"there is no {sign} in {text!r}; write one for each word to be found", text=text, mask=sign)
    check_edits(edits, glass.plan, {glass.task.side.name: len(ids)})
    return ids, places


def _log_probs(glass: Glass, ids: Sequence[int], edits: Sequence[Edit]) -> Array:
    """The log-probabilities of all words at every position, float64: [L, V]."""
    batch, make = as_batch(glass.model, ids), glass.listener(edits)
    with evaluating(glass.model), torch.inference_mode():
        if make is None:
            return log_softmax(as_array(glass.model(batch))[0])
        with listening(make(batch, None)):
            return log_softmax(as_array(glass.model(batch))[0])


def _filled(glass: Glass, ids: Sequence[int], places: Sequence[int], log_probs: Sequence[float]) -> Filled:
    side = glass.task.side
    text = side.tokenizer.decode(ids[len(side.before) : len(ids) - len(side.behind)])
    return Filled(text, tuple(ids), tuple(places), tuple(log_probs))
