"""Text to ids and back: characters for Chinese, byte-pair pieces for English and French, on the `tokenizers` library.

Nothing is lost: `decode(encode(text)) == normalise(text)` for every Unicode string, because a character that is not a
piece is written as its UTF-8 bytes, `<0xF0>` and so on. Ids: `<pad>` 0, `<s>` 1, `</s>` 2, in a tokenizer that can hide
words `[MASK]` 3, then the 256 bytes, then the pieces. Special and byte pieces are never found in text: a typed "<s>" is
three ordinary characters, and "[MASK]" is a special piece only for whoever asks for that.

A space belongs to the word behind it (" the"), and a text's first word gets one too, so that a word is the same piece
anywhere. Pieces never cross from a word into punctuation; digits stand alone.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from tokenizers import decoders, models

from transformer_core.glass.errors import ArgumentError, CheckpointError, ConfigError
from transformer_core.glass.guards.arguments import as_path, checked, flag, known_ids
from transformer_core.text.base import LONE_SPACE, MASK, TextTokenizer
from transformer_core.text.normalise import normalise
from transformer_core.text.pieces import ASCII, BYTES, RESERVED, RESERVED_WITH_MASK, SPECIALS, learn_pieces
from transformer_core.text.splitting import WORD, Kind, with_splitter
from transformer_core.text.splitting import words as split_words

LANGUAGES = ("zh", "en", "fr")
_TYPED_MASK = re.compile(rf" ?({re.escape(MASK)})")


class Tokenizer(TextTokenizer):
    """The text-to-ids rule of one language; made by `train_characters`, `train_bpe` or `load`.

    Attributes:
        mask_id: the id of `[MASK]`; None in a tokenizer that has none.
        first_piece: the lowest id that is no special piece and no byte.
        before, behind: the signs that stand around a text: `</s>` ends it.
        start: the signs that a decoder reads before the first word that it writes.
    """

    pad_id, bos_id, eos_id = 0, 1, 2
    behind = (eos_id,)
    start = (bos_id,)

    @checked("language", "pieces", "merges", "seen")
    def __init__(
        self, language: str, kind: Kind, pieces: Sequence[str], merges: Sequence[tuple[str, str]], seen: Iterable[str]
    ) -> None:
        """Build from what the file holds; `pieces` begins with the reserved ones, `seen` are training's words."""
        reserved = next(
            (group for group in (RESERVED, RESERVED_WITH_MASK) if tuple(pieces[: len(group)]) == group), None
        )
        if reserved is None or len(set(pieces)) != len(pieces):
            raise ConfigError(
                "a tokenizer's pieces are distinct and start with <pad>, <s>, </s>, perhaps [MASK], and the bytes",
                found=tuple(pieces[:5]),
            )
        if language not in LANGUAGES:
            raise ConfigError(f"language is {language!r}, expected one of {', '.join(LANGUAGES)}", language=language)
        self.language = language
        self.kind = kind
        self._pieces = tuple(pieces)
        self._merges = tuple(merges)
        self._seen = frozenset(seen)
        self.mask_id = len(SPECIALS) if reserved is RESERVED_WITH_MASK else None
        self.first_piece = len(reserved)
        vocab = {piece: index for index, piece in enumerate(self._pieces)}
        # The special pieces are plain entries, not the library's "added tokens": those would be found in typed text.
        self._inner = with_splitter(models.BPE(vocab, list(self._merges), byte_fallback=True), language, kind)
        self._inner.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])

    @classmethod
    @checked()
    def train_characters(cls, lines: Iterable[str]) -> "Tokenizer":
        """A Chinese tokenizer: every character of the lines is a piece, and ASCII; in code-point order."""
        characters = {character for line in lines for character in normalise(line, "zh")}
        return cls("zh", "character", (*RESERVED, *sorted(characters | set(ASCII))), (), characters)

    @classmethod
    @checked("language")
    def train_bpe(
        cls, lines: Iterable[str], vocab_size: int, *, language: str, mask: bool = False, also_seen: Iterable[str] = ()
    ) -> "Tokenizer":
        """A byte-pair tokenizer with at most `vocab_size` pieces, learned from the lines.

        Args:
            lines: of text.
            vocab_size: reserved pieces included.
            language: "en" or "fr".
            mask: whether it has [MASK].
            also_seen: further lines whose words count as seen in training, though no piece is learned from them.
        """
        if not isinstance(language, str) or language not in WORD:
            raise ConfigError(f"byte-pair pieces are for {', '.join(WORD)}, not for {language!r}", language=language)
        reserved = RESERVED_WITH_MASK if mask else RESERVED
        texts = [" " + normalise(line, language) for line in lines]
        inner = with_splitter(models.BPE(), language, "bpe")
        pieces, merges = learn_pieces(inner, texts, vocab_size, reserved)
        more = (" " + normalise(line, language) for line in also_seen)
        seen = {word for text in chain(texts, more) for word in split_words(inner, text)}
        return cls(language, "bpe", pieces, merges, seen)

    @classmethod
    def load(cls, path: str | Path) -> "Tokenizer":
        """The tokenizer that `save` wrote to `path`."""
        path = as_path("path", path)
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["kind"] not in ("character", "bpe"):
                raise ValueError(f"kind is {data['kind']!r}, expected 'character' or 'bpe'")
            merges = [(left, right) for left, right in data["merges"]]
            return cls(data["language"], data["kind"], data["pieces"], merges, data["seen"])
        except Exception as error:  # the library raises bare Exception for merges that do not fit the pieces
            reason = f"{type(error).__name__}: {error}"
            raise CheckpointError(f"{path} is not a tokenizer file ({reason})", path=str(path)) from error

    def save(self, path: str | Path) -> None:
        """Write language, kind, pieces, merges and the words seen in training to one JSON file."""
        data = {
            "language": self.language,
            "kind": self.kind,
            "pieces": self._pieces,
            "merges": self._merges,
            "seen": sorted(self._seen),
        }
        as_path("path", path).write_text(
            json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
        )

    @property
    def vocab_size(self) -> int:
        """How many ids there are, reserved ones included."""
        return len(self._pieces)

    @property
    def special_ids(self) -> frozenset[int]:
        """The ids of the signs that are no text, [MASK] among them."""
        return frozenset(range(self.first_piece - len(BYTES)))

    def normalise(self, text: str) -> str:
        """The text as this tokenizer reads it; see the function `normalise`."""
        return normalise(text, self.language)

    def encode(self, text: str, *, masks: bool = False) -> list[int]:
        """The ids of the normalised text, without `<s>` or `</s>`; with `masks`, a typed [MASK] is `mask_id`."""
        ids: list[int] = []
        for part in self._parts(text, masks):
            hidden = [self.mask_id] if part is None and self.mask_id is not None else []
            ids += hidden or self._inner.encode(part or "", add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, a hidden word as [MASK].

        `<pad>`, `<s>` and `</s>` are left out, bytes that are no UTF-8 become U+FFFD.
        """
        runs: list[list[int]] = [[]]
        for index in self._known(ids):
            if index == self.mask_id:
                runs.append([])
            elif index >= len(SPECIALS):
                runs[-1].append(index)
        text = f" {MASK}".join(str(self._inner.decode(run, skip_special_tokens=False)) for run in runs)
        return text.removeprefix(" ") if self.kind == "bpe" else text

    def pieces(self, ids: Sequence[int]) -> tuple[str, ...]:
        """The ids as words for an axis: no leading space, "##" before what continues a word, bytes as `<0xF0>`.

        What a [MASK] hides is taken for a word, which letters without a space continue.
        """
        shown = []
        previous = ""
        for index in self._known(ids):
            piece = self._pieces[index]
            text = piece.removeprefix(" ") or LONE_SPACE
            ordinary = self.kind == "bpe" and index >= self.first_piece
            inside = ordinary and _is_letter(piece[:1]) and _is_letter(previous[-1:])
            shown.append(f"##{text}" if inside else text)
            previous = piece if ordinary else "a" if index == self.mask_id else ""
        return tuple(shown)

    @checked()
    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """For each id of `encode(text)` the characters of the normalised text that it stands for.

        A span is the first one's place and the place behind the last. The space before a word belongs to no span; the
        bytes of one character all have its span.
        """
        spaced = self._spaced(text)
        shift = len(spaced) - len(self.normalise(text))
        found = self._inner.encode(spaced, add_special_tokens=False).offsets
        return tuple((first + (spaced[first] == " ") - shift, last - shift) for first, last in found)

    def unseen(self, text: str, *, masks: bool = False) -> tuple[str, ...]:
        """The distinct words (of a character tokenizer: characters) of the text that training never saw, in order."""
        words: list[str] = []
        for part in filter(None, self._parts(text, masks)):
            words += split_words(self._inner, part) if self.kind == "bpe" else part.replace(" ", "")
        return tuple(dict.fromkeys(word for word in words if word not in self._seen))

    def unseen_flags(self, text: str, *, masks: bool = False) -> tuple[bool, ...]:
        """For each id of `encode(text)`, whether it belongs to a word (or character) that training never saw."""
        unseen = set(self.unseen(text, masks=masks))
        flags: list[bool] = []
        for part in self._parts(text, masks):
            if part is None:
                flags.append(False)
                continue
            words: Iterable[str] = part
            if self.kind == "bpe":
                words = [word for word, _ in self._inner.pre_tokenizer.pre_tokenize_str(part)]
            for word in words:
                # the model alone: encode() would split a part again, without what follows it ("l'" before "homme")
                flags += [word.removeprefix(" ") in unseen] * len(self._inner.model.tokenize(word))
        return tuple(flags)

    def _known(self, ids: Sequence[int]) -> tuple[int, ...]:
        return known_ids("ids", ids, len(self._pieces), self.language)

    def _parts(self, text: str, masks: bool) -> list[str | None]:
        """The spaced text; if masks are asked for, cut at every typed [MASK], in whose place stands None."""
        masks = flag("masks", masks)
        if masks and self.mask_id is None:
            raise ConfigError(f"this {self.language} tokenizer has no {MASK}", language=self.language)
        parts = _TYPED_MASK.split(self._spaced(text)) if masks else [self._spaced(text)]
        return [None if number % 2 else part for number, part in enumerate(parts)]

    def _spaced(self, text: str) -> str:
        text = self.normalise(text)
        return f" {text}" if text and self.kind == "bpe" else text


def own(tokenizer: TextTokenizer | None) -> Tokenizer:
    """Return a tokenizer that is one of ours: what training and its measures read.

    Raises:
        ArgumentError: if it is another's, or none.
    """
    if not isinstance(tokenizer, Tokenizer):
        wanted = "a tokenizer of a model that was trained here"
        kind = type(tokenizer).__name__
        raise ArgumentError(f"tokenizer must be {wanted}, not {kind}", name="tokenizer", value=kind, wanted=wanted)
    return tokenizer


def _is_letter(character: str) -> bool:
    return character != "" and unicodedata.category(character)[0] in "LM"
