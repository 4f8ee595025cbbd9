"""Four commands: `pairs` makes training pairs for what classes type, `back` makes more of them out of texts of one
language, `check` shows what a model makes of test lists, `doubt` chooses when it is not sure of what it wrote.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformer_core.glass.errors import GlassformerError
from transformer_core.training.classroom.exchange import exchanged_pairs
from transformer_core.training.classroom.held_back import folded, held_back, without
from transformer_core.training.classroom.languages.english import british
from transformer_core.training.classroom.patterns import pattern_pairs
from transformer_core.training.classroom.pronouns import all_cases, pronoun_pairs
from transformer_core.training.classroom.vocabulary import sentence_pairs, vocabulary_pairs
from transformer_core.training.classroom.words import word_pairs

if TYPE_CHECKING:
    from transformer_core.models.glass import Glass

PAIRS = """\
Write a file of training pairs: the real ones, copies of them with a word exchanged for its like, sentences of a
classroom from patterns, sentences whose reason tells what "it" is, for Chinese the words of a course in sentences,
sentences written one by one, and single words. No sentence of the lists in assets/held_back, of the app's examples, or
of a --keep-out file gets in, on either side, with whatever marks and capitals it is written.
"""
BACK = """\
Write pairs out of texts: a model of the other direction translates each of them, and its translation, marked by a sign
that nobody types, is the source (back-translation). Texts that stand in a --known file of pairs are left out, and so is
what a model may not learn from.
"""
CHECK = """\
Translate the lists in assets/held_back with a model, greedily, and print how many sentences keep their essential words,
how many pronouns are right, and how often the largest cross-attention weight lies on the right word.
"""
DOUBT = """\
Without --labels, print what a model writes for the distinct sentences of a dev set, one a line: its number, an empty
cell, a digest, source, reference, output. A reader writes "right" or "wrong" into the empty cell. With --labels, a file
of the first three cells, choose the measure and the threshold of doubt on the first --choose of them, print what they
are worth on the others, and write them into the model's folder.
"""
_HEADS_SHOWN = 6
_EVERY = 4  # of the listed cases one in so many: each takes a run for every head
_LIMIT = 0.07  # of the right outputs marked where doubt is chosen: 0.1 is wanted elsewhere, and few sentences flatter
_TWICE = 2  # single words, and sentences that are alone of their kind: once in a pass they would hardly be seen


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit status: 0, or 2 for a wrong request."""
    asked = _parser().parse_args(arguments)
    try:
        asked.run(asked)
    except GlassformerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _pairs(asked: argparse.Namespace) -> None:
    from transformer_core.training.data.pairs import read_pairs  # torch is not needed to print the help

    source, target = asked.pair.split("-")
    real = read_pairs(asked.data, source, target)
    kept_out = _sides(asked.keep_out, source, target)
    parts: dict[str, Iterable[tuple[str, str]]] = {
        "real": real,
        "more": [pair for path in asked.more for pair in read_pairs(path, source, target)],
        "exchanged": exchanged_pairs(real, source, target, round(asked.exchange * len(real)), asked.seed),
        "patterns": _in_both_englishes(pattern_pairs(source, target, asked.seed), source, asked.seed),
        "pronouns": pronoun_pairs(source, target, asked.pronouns, asked.seed),
        "vocabulary": vocabulary_pairs(source, target, asked.seed),
        "sentences": [pair for pair in sentence_pairs(source, target) for _ in range(_TWICE)],
        "words": [pair for pair in word_pairs(source, target) for _ in range(_TWICE)],
    }
    _write(asked.out, parts, held_back() | kept_out)


def _sides(paths: Iterable[Path], source: str, target: str) -> frozenset[str]:
    """All sentences of files of pairs, folded."""
    from transformer_core.training.data.pairs import read_pairs

    return frozenset(folded(side) for path in paths for pair in read_pairs(path, source, target) for side in pair)


def _write(out: Path, parts: Mapping[str, Iterable[tuple[str, str]]], forbidden: frozenset[str]) -> None:
    """Write the parts one after the other, and say how many pairs each gave and how many were held back."""
    with out.open("w", encoding="utf-8") as file:
        for name, pairs in parts.items():
            every = list(pairs)
            kept = list(without(every, forbidden))
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


def _back(asked: argparse.Namespace) -> None:
    import torch

    from transformer_core.models.files import load_model
    from transformer_core.training.classroom import check
    from transformer_core.training.classroom.back_translation import back_translated
    from transformer_core.training.data.pairs import read_pairs
    from transformer_core.training.data.texts import read_documents

    torch.set_num_threads(asked.threads)
    glass = load_model(asked.model)
    text, source = check.direction(glass).split("-")
    known = [pair[1] for path in asked.known for pair in read_pairs(path, source, text)]
    kept_out = _sides(asked.keep_out, source, text)
    texts = [one for path in asked.data for one in read_documents(path)]
    _write(asked.out, {"back": back_translated(glass, texts, known)}, held_back() | kept_out)


def _check(asked: argparse.Namespace) -> None:
    import torch

    from transformer_core.models.files import load_model
    from transformer_core.training.classroom import check

    torch.set_num_threads(asked.threads)
    glass = load_model(asked.model)
    for path in check.class_lists(glass):
        judged = check.judge(glass, path)
        for one in judged:
            lost = f"   lost: {', '.join(one.missing)}" if one.missing else ""
            print(f"{one.sentence.kind:9} {one.sentence.source}\n          {one.written}{lost}")
        right = sum(not one.missing for one in judged)
        print(f"\n{path.name}: {right} of {len(judged)} sentences keep all of their essential words\n")
    _check_pronouns(glass)
    sentences = check.hand_aligned(glass)
    print(f"cross-attention on the right word, {len(sentences)} sentences aligned by hand:")
    for layer, shares in enumerate(check.alignment_by_layer(glass, sentences)):
        heads = "  ".join(f"{share:.1%}" for share in shares[:-1])
        print(f"  layer {layer}: heads {heads}, mean of the heads {shares[-1]:.1%}")


def _check_pronouns(glass: Glass) -> None:
    from transformer_core.training.classroom import check

    cases = check.pronouns(glass)
    print(check.pronoun_shares(cases))
    if check.direction(glass) == "en-fr":
        _show_pronoun_heads(glass, {source for source, *_ in cases})


def _show_pronoun_heads(glass: Glass, listed: Collection[str]) -> None:
    from transformer_core.training.classroom.pronoun_heads import pronoun_heads

    heads = pronoun_heads(glass, [case for case in all_cases() if case.text("en") in listed][::_EVERY])
    print("the heads without which il or elle loses most:")
    for one in sorted(heads, key=lambda head: -head.margin_lost)[:_HEADS_SHOWN]:
        print(
            f"  {one.head.block} {one.head.index}: {one.margin_lost:+.2f} nats, turned {one.turned:.0%}; "
            f"weight on its noun {one.to_noun:.2f}, on the other {one.to_other:.2f}"
        )


def _doubt(asked: argparse.Namespace) -> None:
    import torch

    from transformer_core.glass.files.stored import BUNDLED
    from transformer_core.models.doubt import write_rule
    from transformer_core.models.files import bundled_models, load_model
    from transformer_core.training.classroom import check, doubt
    from transformer_core.training.data.pairs import read_pairs

    torch.set_num_threads(asked.threads)
    folder = BUNDLED / asked.model if asked.model in bundled_models() else Path(asked.model)
    glass = load_model(folder)
    pairs = read_pairs(asked.data, *check.direction(glass).split("-"))
    if asked.labels is None:
        for one in doubt.write_all(glass, list(doubt.distinct_lines(pairs))):
            print(one.line, "", one.digest, one.source, one.reference, one.text, sep="\t")
        return
    found = doubt.judged(glass, pairs, asked.labels)
    chosen, other = found[: asked.choose], found[asked.choose :]
    rule = chosen.best_rule(asked.limit)
    print(doubt.report(chosen, other, rule, asked.limit))
    write_rule(folder, rule)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m transformer_core.training.classroom", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_pairs(commands)
    _add_back(commands)
    check = commands.add_parser("check", help="show what a model makes of the test lists", description=CHECK)
    check.add_argument("--model", required=True, metavar="NAME|FOLDER", help="a bundled model or a model's folder")
    check.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    check.set_defaults(run=_check)
    _add_doubt(commands)
    return parser


def _add_pairs(commands: Any) -> None:
    pairs = commands.add_parser("pairs", help="make training pairs", description=PAIRS)
    pairs.set_defaults(run=_pairs)
    add = pairs.add_argument
    add("--pair", required=True, choices=("zh-en", "en-fr"), help="the direction")
    add("--data", required=True, type=Path, metavar="FILE", help="real pairs, as the training reads them")
    add("--more", type=Path, nargs="*", default=[], metavar="FILE", help="more real pairs, left as they are")
    add("--keep-out", type=Path, nargs="*", default=[], metavar="FILE", help="pairs to keep out, such as dev sets")
    add("--out", required=True, type=Path, metavar="FILE", help="where to write")
    share = "copies with a word exchanged, per real pair (default: %(default)s)"
    add("--exchange", type=float, default=0.3, metavar="SHARE", help=share)
    count = "sentences whose reason tells what it is (default: %(default)s)"
    add("--pronouns", type=int, default=2500, metavar="N", help=count)
    add("--seed", type=int, default=1, help="of everything that is drawn (default: %(default)s)")


def _add_back(commands: Any) -> None:
    back = commands.add_parser("back", help="make pairs out of texts of one language", description=BACK)
    back.set_defaults(run=_back)
    add = back.add_argument
    add("--model", required=True, metavar="NAME|FOLDER", help="translates the texts into the source language")
    add("--data", required=True, type=Path, nargs="+", metavar="FILE", help="texts, one a line, .gz or not")
    add("--known", type=Path, nargs="*", default=[], metavar="FILE", help="pairs whose texts are left out")
    add("--keep-out", type=Path, nargs="*", default=[], metavar="FILE", help="pairs to keep out, such as dev sets")
    add("--out", required=True, type=Path, metavar="FILE", help="where to write")
    add("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")


def _add_doubt(commands: Any) -> None:
    doubt = commands.add_parser("doubt", help="choose when a model is not sure of what it wrote", description=DOUBT)
    doubt.set_defaults(run=_doubt)
    add = doubt.add_argument
    add("--model", required=True, metavar="NAME|FOLDER", help="a bundled model or a model's folder")
    add("--data", required=True, type=Path, metavar="FILE", help="the dev set")
    add("--labels", type=Path, metavar="FILE", help="what a reader says of the outputs")
    add("--choose", type=int, default=200, metavar="N", help="labels to choose with (default: %(default)s)")
    add("--limit", type=float, default=_LIMIT, metavar="P", help="share of right ones marked (default: %(default)s)")
    add("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")


if __name__ == "__main__":
    sys.exit(main())
