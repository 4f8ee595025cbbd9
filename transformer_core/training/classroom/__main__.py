"""The command that makes a file of training pairs for what classes type, from real pairs, tables and patterns."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from transformer_core.glass.errors import GlassformerError
from transformer_core.training.classroom.english import british
from transformer_core.training.classroom.exchange import exchanged_pairs
from transformer_core.training.classroom.held_back import folded, held_back, without
from transformer_core.training.classroom.patterns import pattern_pairs
from transformer_core.training.classroom.pronouns import pronoun_pairs
from transformer_core.training.classroom.words import word_pairs
from transformer_core.training.data import read_pairs

ABOUT = """\
Write a file of training pairs: the real ones, copies of them with a word exchanged for its like, sentences of a
classroom from patterns, sentences whose reason tells what "it" is, and single words. No sentence of the lists in
assets/held_back, of the app's examples, or of a --keep-out file gets in, on either side, however it is written.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit status: 0, or 2 for a wrong request."""
    asked = _parser().parse_args(arguments)
    source, target = asked.pair.split("-")
    try:
        real = read_pairs(asked.data, source, target)
        more = [pair for path in asked.more for pair in read_pairs(path, source, target)]
        forbidden = held_back() | _sentences(asked.keep_out, source, target)
        parts: dict[str, Iterable[tuple[str, str]]] = {
            "real": real,
            "more": more,
            "exchanged": exchanged_pairs(real, source, target, round(asked.exchange * len(real)), asked.seed),
            "patterns": _in_both_englishes(pattern_pairs(source, target, asked.seed), source, asked.seed),
            "pronouns": pronoun_pairs(source, target, asked.pronouns, asked.seed),
            "words": (pair for pair in word_pairs(source, target) for _ in range(2)),
        }
        _write(asked.out, parts, forbidden)
    except GlassformerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _write(out: Path, parts: dict[str, Iterable[tuple[str, str]]], forbidden: frozenset[str]) -> None:
    """Write the parts one after the other, and say how many pairs each gave and how many were held back."""
    with out.open("w", encoding="utf-8") as file:
        for name, pairs in parts.items():
            every = list(pairs)
            kept = every if name == "words" else list(without(every, forbidden))
            file.writelines(f"{source}\t{target}\n" for source, target in kept)
            print(f"{name:10} {len(kept):8,} pairs, {len(every) - len(kept):,} held back")


def _in_both_englishes(pairs: Iterable[tuple[str, str]], source: str, seed: int) -> Iterator[tuple[str, str]]:
    """The pairs; where English is read, a third of those with an American word get the British one."""
    dice = random.Random(f"{seed}/british")
    for text, translation in pairs:
        if source == "en" and dice.random() < 1 / 3:
            yield british(text), translation
        else:
            yield text, translation


def _sentences(paths: Iterable[Path], source: str, target: str) -> frozenset[str]:
    return frozenset(folded(side) for path in paths for pair in read_pairs(path, source, target) for side in pair)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m transformer_core.training.classroom", description=ABOUT)
    parser.add_argument("--pair", required=True, choices=("zh-en", "en-fr"), help="the direction")
    parser.add_argument(
        "--data", required=True, type=Path, metavar="FILE", help="real pairs, as the training reads them"
    )
    parser.add_argument(
        "--more", type=Path, nargs="*", default=[], metavar="FILE", help="more real pairs, not exchanged"
    )
    parser.add_argument(
        "--keep-out", type=Path, nargs="*", default=[], metavar="FILE", help="pairs to keep out: dev sets"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="where to write")
    parser.add_argument(
        "--exchange",
        type=float,
        default=0.3,
        metavar="SHARE",
        help="copies with a word exchanged, per real pair (default: %(default)s)",
    )
    parser.add_argument(
        "--pronouns", type=int, default=2500, metavar="N", help="sentences about what it is (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
