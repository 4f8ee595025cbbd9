"""Word alignments written with words, not with positions, so that they fit any tokenizer: read, and put into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from transformer_core.studies.errors import AlignmentError
from transformer_core.studies.heads.alignments import AlignedSentence
from transformer_core.text.tokenizer import Tokenizer

_NUMBERED = re.compile(r"(.+)#(\d+)")


@dataclass(frozen=True)
class LinkedSentence:
    """A sentence, a translation of it, and which of their words belong together.

    Attributes:
        source, target: as text.
        links: (stretches of the source, stretches of the target); "#2" behind a stretch is its second occurrence.
    """

    source: str
    target: str
    links: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def aligned(self, source: Tokenizer, target: Tokenizer) -> AlignedSentence:
        """The sentence with its links as pairs of positions in the tokens of these tokenizers.

        Raises:
            AlignmentError: if a stretch does not stand in its sentence.
        """
        read, written = source.spans(self.source), target.spans(self.target)
        pairs = {
            (i, j)
            for left, right in self.links
            for i in _tokens(left, source.normalise(self.source), read, source.kind == "bpe")
            for j in _tokens(right, target.normalise(self.target), written, target.kind == "bpe")
        }
        return AlignedSentence(self.source, self.target, tuple(sorted(pairs)))


def read_links(path: str | Path) -> tuple[LinkedSentence, ...]:
    """Return the linked sentences of a file.

    A line is source, target and links with tabs between them. A link is `left=right`; each side is one stretch or
    several joined by +, with _ for a space. Lines that begin with # are comments.

    Raises:
        AlignmentError: if the file cannot be read, or a line is not of this form; the message names the line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AlignmentError(f"{path} cannot be read: {error}", path=str(path)) from error
    sentences = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        sides = [link.split("=") for link in fields[-1].split()]
        if len(fields) != 3 or not all(fields) or any(len(both) != 2 or not all(both) for both in sides):
            where = f"line {number} of {path}"
            raise AlignmentError(f"{where}: right are source, target and links such as a=b+c, with tabs", where=where)
        links = tuple((_stretches(left), _stretches(right)) for left, right in sides)
        sentences.append(LinkedSentence(fields[0], fields[1], links))
    return tuple(sentences)


def _stretches(side: str) -> tuple[str, ...]:
    return tuple(one.replace("_", " ") for one in side.split("+"))


def _tokens(stretches: tuple[str, ...], text: str, spans: tuple[tuple[int, int], ...], words: bool) -> set[int]:
    """The tokens that share a character with one of the stretches."""
    found = set()
    for stretch in stretches:
        start, end = _place(stretch, text, words)
        found |= {number for number, (first, last) in enumerate(spans) if first < end and last > start}
    return found


def _place(stretch: str, text: str, words: bool) -> tuple[int, int]:
    numbered = _NUMBERED.fullmatch(stretch)
    wanted, occurrence = (numbered.group(1), int(numbered.group(2))) if numbered else (stretch, 1)
    pattern = re.escape(wanted)
    if words:  # whole words only, an elided one ("l'") up to its apostrophe
        pattern = (r"(?<!\w)" if wanted[0].isalnum() else "") + pattern + (r"(?!\w)" if wanted[-1].isalnum() else "")
    places = [found.span() for found in re.finditer(pattern, text)]
    if len(places) < occurrence:
        raise AlignmentError(f"{stretch!r} does not stand in {text!r}", stretch=stretch, text=text)
    return places[occurrence - 1]
