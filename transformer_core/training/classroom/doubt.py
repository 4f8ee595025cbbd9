"""When a translator doubts: outputs that a reader calls right or wrong, and the measure that tells them apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.errors import ConfigError, DataError
from transformer_core.models.doubt import MEASURES, DoubtRule, surprise
from transformer_core.models.glass import Glass
from transformer_core.training.classroom.held_back import read_lines

Array = NDArray[Any]

_LIMITS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)  # shares of the right ones for the rows of the curve
_VERDICTS = {"right": False, "wrong": True}


@dataclass(frozen=True)
class Written:
    """What a model wrote for a line of a dev set.

    Attributes:
        line: of the file, from 1.
        source, reference: what stands there.
        text: the model's own translation.
        surprise: each measure's number.
    """

    line: int
    source: str
    reference: str
    text: str
    surprise: Mapping[str, float]

    @property
    def digest(self) -> str:
        """The first 8 hexadecimal digits of the SHA-256 of the text: labels hold for this text alone."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:8]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Some outputs that a reader has judged.

    Attributes:
        wrong: of each, what the reader says: bool [N].
        measured: for each measure its numbers: float64 [N].
    """

    wrong: Array
    measured: Mapping[str, Array]

    def __getitem__(self, part: slice) -> Labelled:
        return Labelled(self.wrong[part], {name: numbers[part] for name, numbers in self.measured.items()})

    def marked(self, rule: DoubtRule) -> tuple[float, float]:
        """Return which share of the wrong ones a rule marks, and which of the right ones."""
        marked = self.measured[rule.measure] > rule.above
        return float(marked[self.wrong].mean()), float(marked[~self.wrong].mean())

    def rule(self, measure: str, limit: float) -> DoubtRule:
        """Return the lowest threshold with which at most `limit` of the right ones are marked."""
        numbers = np.unique(self.measured[measure])
        right = np.sort(self.measured[measure][~self.wrong])
        least = right[len(right) - 1 - int(limit * len(right))]  # this one is not marked, those above it are
        above = numbers[numbers > least]
        return DoubtRule(measure, round(float((least + above[0]) / 2 if len(above) else least), 4))

    def best_rule(self, limit: float) -> DoubtRule:
        """Return the measure and threshold that mark most of the wrong ones, and at most `limit` of the right ones.

        Raises:
            ConfigError: if the limit is no share below 1.
        """
        if not 0 <= limit < 1:
            raise ConfigError(f"limit must be a share from 0 to below 1, not {limit:g}", field="limit")
        rules = [self.rule(measure, limit) for measure in MEASURES]
        return max(rules, key=lambda rule: self.marked(rule)[0])


def distinct_lines(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and reference of each line whose source stands in none before it."""
    seen = set[str]()
    for number, (source, reference) in enumerate(pairs, start=1):
        if source not in seen:
            seen.add(source)
            yield number, source, reference


def write_all(glass: Glass, lines: Sequence[tuple[int, str, str]]) -> Iterator[Written]:
    """Yield what a model writes, greedily, for lines from `distinct_lines`."""
    tokenizer = glass.target_tokenizer
    assert tokenizer is not None
    for number, source, reference in lines:
        found = glass.decode(source)
        told = surprise(tokenizer, found.ids, found.logits)
        measured = {name: measure(told) for name, measure in MEASURES.items()}
        yield Written(number, source, reference, tokenizer.decode(found.ids), measured)


def read_labels(path: Path) -> dict[int, tuple[bool, str]]:
    """Return of each labelled line whether its output is wrong, and the digest of the output.

    Raises:
        DataError: if the file cannot be read, or a line is of another form.
    """
    labels = {}
    for number, cells in read_lines(path):
        if len(cells) < 3 or not cells[0].isdecimal() or cells[1] not in _VERDICTS:
            reason = f"{path}, line {number}: wanted a number, right or wrong, and a digest, with tabs between them"
            raise DataError(reason, path=str(path), line=number)
        labels[int(cells[0])] = _VERDICTS[cells[1]], cells[2]
    return labels


def judged(glass: Glass, pairs: Sequence[tuple[str, str]], path: Path) -> Labelled:
    """Return the outputs that a file of labels judges, in its order.

    Raises:
        DataError: if a label belongs to another output than the model writes now, or a line is not there.
    """
    labels = read_labels(path)
    there = {line[0]: line for line in distinct_lines(pairs)}
    if missing := labels.keys() - there.keys():
        raise DataError(f"{path} judges lines that the pairs lack: {sorted(missing)}", path=str(path))
    found = list(write_all(glass, [there[number] for number in labels]))
    changed = [one.line for one in found if one.digest != labels[one.line][1]]
    if changed:
        raise DataError(f"{path} judges other outputs than the model's now: lines {changed}", path=str(path))
    wrong = np.array([is_wrong for is_wrong, _ in labels.values()])
    return Labelled(wrong, {name: np.array([one.surprise[name] for one in found]) for name in MEASURES})


def report(chosen: Labelled, other: Labelled, rule: DoubtRule, limit: float) -> str:
    """Return the tables of a card: every measure at its own threshold, and the curve of the chosen one.

    Args:
        chosen, other: the part with which rules are chosen, and the one that tells what they are worth.
        rule: the chosen one.
        limit: the share of the right ones with which it was chosen.
    """
    head = (
        "| {} | above | wrong marked | right marked | wrong marked elsewhere | right marked elsewhere |\n" + "|---" * 6
    )

    def row(name: str, one: DoubtRule) -> str:
        shares = (*chosen.marked(one), *other.marked(one))
        return f"| {name} | {one.above:.3f} | " + " | ".join(f"{share:.0%}" for share in shares) + " |"

    return "\n".join(
        [
            f"{len(chosen.wrong)} to choose with, {chosen.wrong.sum()} of them wrong; {len(other.wrong)} elsewhere, "
            f"{other.wrong.sum()} of them wrong",
            "",
            f"{head.format('measure')}|",
            *(row(name, chosen.rule(name, limit)) for name in MEASURES),
            "",
            f"{head.format(f'{rule.measure}, limit')}|",
            *(row(f"{100 * one:g}%", chosen.rule(rule.measure, one)) for one in sorted({*_LIMITS, limit})),
        ]
    )
