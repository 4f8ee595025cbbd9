"""What every tokenizer answers, whoever made it: our own, and those of other people's models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

MASK = "[MASK]"
LONE_SPACE = "␣"  # how a piece that is only a space is shown


class TextTokenizer(ABC):
    """The rule by which a text becomes ids, and ids become the words that are shown.

    Attributes:
        language: of the texts that it was made for; "" if that is not known.
        mask_id, mask: the id and the text of the sign that hides a word; None in a tokenizer that has none.
        gaps: the signs that stand in a text for what is left out, each for another gap, in their order; as a rule none.
        before, behind: the signs that stand around a text that an encoder reads; a writer ends in those behind.
        start: the signs that a decoder reads before the first word that it writes.
    """

    language = ""
    mask_id: int | None = None
    mask = MASK
    gaps: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    start: tuple[int, ...] = ()

    @property
    @abstractmethod
    def vocab_size(self) -> int:
        """How many ids there are."""

    @property
    @abstractmethod
    def special_ids(self) -> frozenset[int]:
        """The ids of the signs that are no text, the one that hides a word among them."""

    @abstractmethod
    def encode(self, text: str, *, masks: bool = False) -> list[int]:
        """The ids of the text, without the signs around it; with `masks`, a typed `mask` is `mask_id`."""

    @abstractmethod
    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, without signs; a hidden word as `mask`."""

    @abstractmethod
    def pieces(self, ids: Sequence[int]) -> tuple[str, ...]:
        """The ids as words for an axis: no leading space, "##" before what continues a word, bytes as `<0xF0>`."""

    @abstractmethod
    def unseen(self, text: str, *, masks: bool = False) -> tuple[str, ...]:
        """The distinct words or characters of the text that training never saw, as far as the tokenizer tells."""

    @abstractmethod
    def unseen_flags(self, text: str, *, masks: bool = False) -> tuple[bool, ...]:
        """For each id of `encode(text)`, whether it belongs to what training never saw."""

    @abstractmethod
    def save(self, path: str | Path) -> None:
        """Write all of it to one JSON file, which `load_tokenizer` reads."""
