"""A text in which words are hidden and shown again: which words there are, and what stood behind a [MASK]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformer_core.models.glass import Glass
from transformer_core.models.sides import Side
from transformer_core.text.words import word_spans


@dataclass(frozen=True)
class Hiding:
    """A text with gaps, piece by piece.

    Attributes:
        side: that reads it.
        ids: of what is read, signs included.
        whole: of the same text with nothing hidden, as long; at a gap of which nobody knows what it hides, the gap.
    """

    side: Side
    ids: tuple[int, ...]
    whole: tuple[int, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """The positions of the gaps."""
        return tuple(place for place, i in enumerate(self.ids) if i == self._mask)

    @property
    def hidden(self) -> tuple[int | None, ...]:
        """For each gap the id of the word that it hides; None where nobody knows."""
        return tuple(None if self.whole[place] == self._mask else self.whole[place] for place in self.places)

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The positions of each word's pieces, without the signs around the text."""
        inner = self._inner
        spans = word_spans(self.side.tokenizer, self.whole[inner.start : inner.stop])
        return tuple(tuple(inner[first:last]) for first, last in spans)

    def toggled(self, group: int) -> Hiding:
        """Return the text with one word more hidden, or shown again; with the same if nobody knows that word."""
        places = self.groups[group]
        shown = any(self.ids[place] == self._mask for place in places)
        return self._with({place: self.whole[place] if shown else self._mask for place in places}, {})

    def with_word(self, place: int, word: int) -> Hiding:
        """Return the text with a word in a gap, in place of what it hid."""
        return self._with({place: word}, {place: word})

    @property
    def text(self) -> str:
        """What a reader would have to type for it."""
        return self._decoded(self.ids)

    @property
    def whole_text(self) -> str:
        """The text with nothing hidden, as far as that is known."""
        return self._decoded(self.whole)

    @property
    def _mask(self) -> int:
        mask = self.side.tokenizer.mask_id
        assert mask is not None, f"{self.side.model} hides nothing"
        return mask

    @property
    def _inner(self) -> range:
        return range(len(self.side.before), len(self.ids) - len(self.side.behind))

    def _with(self, ids: dict[int, int], whole: dict[int, int]) -> Hiding:
        return Hiding(self.side, _changed(self.ids, ids), _changed(self.whole, whole))

    def _decoded(self, ids: Sequence[int]) -> str:
        inner = self._inner
        return self.side.tokenizer.decode(ids[inner.start : inner.stop])


def hiding_of(glass: Glass, text: str, whole: str) -> Hiding:
    """Return a text with gaps.

    Args:
        glass: the model, one that fills in words.
        text: with a [MASK] for each piece that is hidden.
        whole: perhaps the same text with nothing hidden; another one tells nothing of the gaps.

    Raises:
        EmptyTextError, TextTooLongError: as `Glass.read_ids`, for `text`.
    """
    side = glass.task.side
    ids, mask = tuple(glass.read_ids(text)), side.tokenizer.mask_id
    told = (*side.before, *side.tokenizer.encode(whole, masks=True), *side.behind)
    fits = len(told) == len(ids) and all(i in (mask, own) for i, own in zip(ids, told, strict=True))
    return Hiding(side, ids, told if fits else ids)


def _changed(ids: Sequence[int], changes: dict[int, int]) -> tuple[int, ...]:
    return tuple(changes.get(place, i) for place, i in enumerate(ids))
