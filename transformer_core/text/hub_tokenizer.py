"""The tokenizer of somebody else's model: its pieces and its signs, shown as ours are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from transformer_core.glass.errors import CheckpointError
from transformer_core.glass.guards.arguments import as_path, checked, flag, known_ids
from transformer_core.glass.guards.arguments import text as plain_text
from transformer_core.text.base import TextTokenizer
from transformer_core.text.engines import Engine, engine_from_data
from transformer_core.text.shown import piece_text, shown_piece
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.text.word_tokenizer import KIND as WORDS
from transformer_core.text.word_tokenizer import read_words

KIND = "hub"
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Signs:
    """The special ids of a vocabulary, and where they stand; see `TextTokenizer`.

    Attributes:
        special: all of them.
        before, behind, start: as in `TextTokenizer`.
        mask, unknown: of the sign that hides a word, and of the one for what has no piece.
        gaps: as in `TextTokenizer`.
    """

    special: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    start: tuple[int, ...] = ()
    mask: int | None = None
    unknown: int | None = None
    gaps: tuple[int, ...] = ()


class HubTokenizer(TextTokenizer):
    """A text is cut as the model's makers cut theirs: a typed sign is that sign, and nothing is normalised before."""

    def __init__(self, engine: Engine, signs: Signs, vocab_size: int | None = None) -> None:
        """Build around an engine; `vocab_size` is how many ids the model knows, which may be more than have a piece."""
        self.engine, self.signs = engine, signs
        self._size = engine.size if vocab_size is None else vocab_size
        self._special = frozenset(signs.special)
        self.before, self.behind, self.start = signs.before, signs.behind, signs.start
        self.mask_id, self.gaps = signs.mask, signs.gaps
        self._left_out = frozenset(signs.special) - {signs.mask, *signs.gaps}
        if signs.mask is not None:
            self.mask = engine.piece(signs.mask) or self.mask

    def fitted(self, vocab_size: int, **signs: Any) -> HubTokenizer:
        """Return the same with so many ids, and some of its signs in other places."""
        return HubTokenizer(self.engine, replace(self.signs, **signs), vocab_size)

    @property
    def vocab_size(self) -> int:
        """How many ids the model knows; a few of them may have no piece."""
        return self._size

    @property
    def special_ids(self) -> frozenset[int]:
        """The ids of the signs that are no text."""
        return self._special

    def encode(self, text: str, *, masks: bool = False) -> list[int]:
        """The ids of the text, without the signs around it; a typed sign is that sign, whatever `masks` says."""
        flag("masks", masks)
        return self.engine.encode(_plain(text))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, without signs; a hidden word as `mask`, a gap as its sign."""
        kept = (i for i in self._known(ids) if i not in self._left_out)
        return self.engine.decode([i for i in kept if self.engine.piece(i) is not None])

    def pieces(self, ids: Sequence[int]) -> tuple[str, ...]:
        """The ids as words for an axis: no leading space, "##" before what continues a word, bytes as `<0xF0>`."""
        shown, before = [], ""
        for i in self._known(ids):
            piece = self.engine.piece(i)
            if piece is None or i in self._special:
                shown.append(f"<{i}>" if piece is None else piece)
                before = ""
                continue
            text = piece_text(piece, self.engine.style)
            shown.append(shown_piece(text, before, self.engine.style))
            before = text
        return tuple(shown)

    @checked()
    def unseen(self, text: str, *, masks: bool = False) -> tuple[str, ...]:
        """The distinct parts of the text for which there is no piece; what training saw, the files do not say."""
        parts = zip(self.engine.cut(_plain(text)), self.unseen_flags(text), strict=True)
        return tuple(dict.fromkeys(part.strip() for part, unseen in parts if unseen))

    def unseen_flags(self, text: str, *, masks: bool = False) -> tuple[bool, ...]:
        """For each id of `encode(text)`, whether it stands for what has no piece."""
        return tuple(i == self.signs.unknown for i in self.encode(text))

    def save(self, path: str | Path) -> None:
        """Write the maker's own file, the signs and the size to one JSON file."""
        data = {"kind": KIND, "vocab_size": self._size, "signs": asdict(self.signs), "engine": self.engine.to_data()}
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
        as_path("path", path).write_text(text, encoding="utf-8")

    def _known(self, ids: Sequence[int]) -> tuple[int, ...]:
        return known_ids("ids", ids, self._size, "tokenizer")


def load_tokenizer(path: Path) -> TextTokenizer:
    """Return the tokenizer that a `save` wrote to `path`, ours or another's.

    Raises:
        CheckpointError: if it is no such file.
        MissingPackageError: if it needs a package that is not installed.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Tokenizer.load(path)  # which says what is wrong
    if isinstance(data, dict) and data.get("kind") == WORDS:
        return read_words(data, path)
    if not isinstance(data, dict) or data.get("kind") != KIND:
        return Tokenizer.load(path)
    try:
        signs: dict[str, Any] = {name: _row(one) for name, one in data["signs"].items()}
        return HubTokenizer(engine_from_data(data["engine"]), Signs(**signs), int(data["vocab_size"]))
    except ImportError:
        raise
    except Exception as error:  # the libraries raise bare ones
        reason = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"{path} is not a tokenizer file ({reason})", path=str(path)) from error


def _row(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(text: str) -> str:
    return _SURROGATES.sub("\ufffd", plain_text("text", text))
