"""What cuts a text as somebody else's tokenizer does: the `tokenizers` library by its file, or SentencePiece."""

from __future__ import annotations

import base64
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import tokenizers

from transformer_core.glass.files.assets import missing
from transformer_core.text.shown import SPACE, Style

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

_LANGUAGE = re.compile(">>.*?<<", re.DOTALL)  # which language a translator of many writes


class Engine(ABC):
    """Cuts texts into pieces.

    Attributes:
        style: how its pieces are written.
        signs: the ids of what is no text, as far as the files say.
    """

    style: Style
    signs: frozenset[int]

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, without signs around it; a typed sign is the sign."""

    @abstractmethod
    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids."""

    @abstractmethod
    def piece(self, i: int) -> str | None:
        """Return how the vocabulary writes an id; None if it does not know it."""

    @abstractmethod
    def find(self, piece: str) -> int | None:
        """Return the id of a piece of the vocabulary."""

    @abstractmethod
    def cut(self, text: str) -> list[str]:
        """Return for each id of `encode(text)` what it stands for in the text."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many ids the vocabulary knows."""

    @abstractmethod
    def to_data(self) -> dict[str, Any]:
        """Return what `engine_from_data` makes it of."""


class FileEngine(Engine):
    """The `tokenizers` library, by a tokenizer.json."""

    def __init__(self, text: str) -> None:
        """Build from the text of the file; the library raises a bare Exception for what is none."""
        self._text, data = text, json.loads(text)
        self._inner = tokenizers.Tokenizer.from_str(text)
        self._inner.no_padding()
        self._inner.no_truncation()
        self.style = _style(data)
        self.signs = frozenset(int(one["id"]) for one in data.get("added_tokens", ()) if one["special"])

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, without signs around it; a typed sign is the sign."""
        return list(self._inner.encode(text, add_special_tokens=False).ids)

    def around(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the signs that the file puts before and behind a text."""
        found = self._inner.encode("a", add_special_tokens=True)
        places = [t for t, sign in enumerate(found.special_tokens_mask) if not sign]
        first, last = (places[0], places[-1]) if places else (len(found.ids), len(found.ids))
        return tuple(found.ids[:first]), tuple(found.ids[last + 1 :])

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids."""
        return str(self._inner.decode(list(ids), skip_special_tokens=False))

    def piece(self, i: int) -> str | None:
        """Return how the vocabulary writes an id; None if it does not know it."""
        return self._inner.id_to_token(i)

    def find(self, piece: str) -> int | None:
        """Return the id of a piece of the vocabulary."""
        return self._inner.token_to_id(piece)

    def cut(self, text: str) -> list[str]:
        """Return for each id of `encode(text)` what it stands for in the text."""
        offsets = self._inner.encode(text, add_special_tokens=False).offsets
        return [text[first:last] for first, last in offsets]

    @property
    def size(self) -> int:
        """One more than the largest id."""
        return max(self._inner.get_vocab(with_added_tokens=True).values(), default=-1) + 1

    def to_data(self) -> dict[str, Any]:
        """Return what `engine_from_data` makes it of."""
        return {"kind": "file", "file": self._text}


class SentencePieceEngine(Engine):
    """SentencePiece, whose pieces have their ids in a table beside it."""

    style: Style = "spaces"

    def __init__(
        self, model: bytes, ids: Mapping[str, int], found: Mapping[str, str], unknown: int, *, codes: bool = False
    ) -> None:
        """Build from what the files hold.

        Args:
            model: the file of SentencePiece.
            ids: of every piece.
            found: signs that are found in a text before it is cut; each takes the spaces on its left ("l"), on its
                right ("r"), on both sides, or none ("").
            unknown: the id of a piece that has none.
            codes: whether a text may begin with the code of a language, as ">>fra<<".

        Raises:
            MissingPackageError: if the package `sentencepiece` is not installed.
        """
        self._model, self._ids, self._found, self._unknown, self._codes = model, dict(ids), dict(found), unknown, codes
        self._pieces = {i: piece for piece, i in self._ids.items()}
        self._inner = sentencepiece_model(model)
        self.signs = frozenset(self._ids[sign] for sign in found)
        patterns = (_pattern(sign, found[sign]) for sign in sorted(found, key=len, reverse=True))
        self._split = re.compile("|".join(patterns)) if found else None

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, without signs around it; a typed sign is the sign."""
        return [self._ids.get(piece, self._unknown) for piece in self._cut(text)]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids."""
        return str(self._inner.decode_pieces([self._pieces.get(i, "") for i in ids])).strip()

    def piece(self, i: int) -> str | None:
        """Return how the vocabulary writes an id; None if it does not know it."""
        return self._pieces.get(i)

    def find(self, piece: str) -> int | None:
        """Return the id of a piece of the vocabulary."""
        return self._ids.get(piece)

    def cut(self, text: str) -> list[str]:
        """Return for each id of `encode(text)` what it stands for in the text."""
        return [piece.replace(SPACE, " ") for piece in self._cut(text)]

    @property
    def size(self) -> int:
        """One more than the largest id."""
        return max(self._pieces, default=-1) + 1

    def to_data(self) -> dict[str, Any]:
        """Return what `engine_from_data` makes it of."""
        model = base64.b64encode(self._model).decode("ascii")
        return {
            "kind": "sentencepiece",
            "model": model,
            "ids": self._ids,
            "found": self._found,
            "unknown": self._unknown,
            "codes": self._codes,
        }

    def _cut(self, text: str) -> Iterator[str]:
        start = 0
        for sign in () if self._split is None else self._split.finditer(text):
            yield from self._pieces_of(text[start : sign.start()])
            yield sign[0] if sign[0] in self._found else sign[0].strip()
            start = sign.end()
        yield from self._pieces_of(text[start:])

    def _pieces_of(self, text: str) -> list[str]:
        code = _LANGUAGE.match(text) if self._codes else None
        rest = text[code.end() :] if code else text
        return [*([code[0]] if code else []), *self._inner.encode(rest, out_type=str)]


def engine_from_data(data: Mapping[str, Any]) -> Engine:
    """Return the engine that `to_data` told."""
    if data["kind"] == "file":
        return FileEngine(data["file"])
    if data["kind"] == "sentencepiece":
        model = base64.b64decode(data["model"], validate=True)
        return SentencePieceEngine(model, data["ids"], data["found"], data["unknown"], codes=data["codes"])
    raise ValueError(f"kind is {data['kind']!r}, expected 'file' or 'sentencepiece'")


def sentencepiece_model(model: bytes) -> SentencePieceProcessor:
    """Return what cuts by a file of SentencePiece; the library raises a bare RuntimeError for what is none.

    Raises:
        MissingPackageError: if the package `sentencepiece` is not installed.
    """
    try:
        from sentencepiece import SentencePieceProcessor  # only some families' files need it
    except ModuleNotFoundError as error:
        raise missing("sentencepiece", "hub") from error
    return SentencePieceProcessor(model_proto=model)


def _pattern(sign: str, sides: str) -> str:
    inner = re.escape(sign)
    behind = r"\s*" if "r" in sides else ""
    return rf"(?:(?<!\s)\s+)?{inner}{behind}" if "l" in sides else inner + behind


def _style(data: Mapping[str, Any]) -> Style:
    if data["model"].get("type") == "WordPiece":
        return "wordpiece"
    steps = [data.get(part) or {} for part in ("pre_tokenizer", "decoder")]
    inner = [one for step in steps for name in ("pretokenizers", "decoders") for one in step.get(name, ())]
    return "bytes" if any(step.get("type") == "ByteLevel" for step in [*steps, *inner]) else "spaces"
