"""All heads of a model in one table: over one sentence or many, searched, and labelled where a bar is cleared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from transformer_core.glass.errors import ShapeError, UnknownHeadError
from transformer_core.glass.guards.arguments import checked, is_real, make_plain
from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, with_role
from transformer_core.studies.errors import HeadQueryError
from transformer_core.studies.heads.head_measures import MEASURES, Array, Pair, find_measure, measure


@dataclass(frozen=True)
class Head:
    """One attention head: the path of its block, and its number there, from 0."""

    block: str
    index: int


def all_heads(plan: Plan) -> tuple[Head, ...]:
    """Return every attention head of a model, in the order of computation."""
    return tuple(
        Head(block.path, number)
        for block in with_role(plan, "attention")
        for number in range(attention_facts(block).heads)
    )


@dataclass(frozen=True, eq=False)
class HeadTable:
    """The measures of all heads of a model.

    Attributes:
        heads: in the order of computation, N of them.
        values: by the name of the measure the mean over the sentences, [N]; NaN where none of them can tell.
        spreads: the standard deviation over the sentences (n - 1 below), [N]; NaN for fewer than two.
        counts: how many of the sentences can tell, [N].
    """

    heads: tuple[Head, ...]
    values: Mapping[str, Array]
    spreads: Mapping[str, Array]
    counts: Mapping[str, Array]

    @checked()
    def value(self, head: Head, name: str) -> float:
        """Return one measure of one head; errors as in `find_measure`."""
        if head not in self.heads:
            last = max(one.index for one in self.heads)
            raise UnknownHeadError(
                f"{head} is no head of this table; its blocks have heads 0 to {last}", head=head.index, last=last
            )
        return float(self.values[find_measure(name).name][self.heads.index(head)])


@dataclass(frozen=True)
class HeadQuery:
    """What heads are looked for: those whose measure is at least or at most a bar, or both.

    Raises:
        UnknownMeasureError: if there is no such measure; the message names the nearest.
        HeadQueryError: if a bar is no number, or no number lies between the two.
    """

    measure: str
    at_least: float = -math.inf
    at_most: float = math.inf

    def __post_init__(self) -> None:
        make_plain(self)
        find_measure(self.measure)
        numbers = is_real(self.at_least) and is_real(self.at_most)
        if not numbers or not self.at_least <= self.at_most:  # also for NaN
            raise HeadQueryError(
                f"{self.measure} cannot be at least {self.at_least} and at most {self.at_most}",
                at_least=self.at_least,
                at_most=self.at_most,
            )

    @checked()
    def holds(self, value: float) -> bool:
        """Return whether a value lies between the bars; NaN never does."""
        return self.at_least <= value <= self.at_most


@dataclass(frozen=True)
class HeadLabel:
    """A plain word for what a head does.

    Attributes:
        name: "previous", "aligned", ...; a key of `HEAD_LABELS`.
        value: the measure that cleared the bar.
        n: over how many sentences it is the mean: those that could tell.
        query: the measure and the bar.
    """

    name: str
    value: float
    n: int
    query: HeadQuery


# When a head may be called so. Half of the weight is the bar of Clark et al. 2019, section 3.1.
HEAD_LABELS: Mapping[str, HeadQuery] = {
    "previous": HeadQuery("previous", at_least=0.5),
    "next": HeadQuery("next", at_least=0.5),
    "same": HeadQuery("same", at_least=0.5),
    "first": HeadQuery("first", at_least=0.5),
    "separator": HeadQuery("separator", at_least=0.5),
    "twins": HeadQuery("twins", at_least=0.5),
    "induction": HeadQuery("induction", at_least=0.5),
    "aligned": HeadQuery("aligned", at_least=0.75),
    "diagonal": HeadQuery("diagonality", at_least=0.85),
    "focused": HeadQuery("entropy_normalised", at_most=0.25),
    "diffuse": HeadQuery("entropy_normalised", at_least=0.85),
}


@checked()
def measures_of(trace: Trace, alignment: Iterable[Pair] | None = None) -> HeadTable:
    """Return the measures of all heads on one sentence; arguments and errors as in `analysis.measure`."""
    return over([trace], [alignment])


@checked()
def over(traces: Sequence[Trace], alignments: Sequence[Iterable[Pair] | None] | None = None) -> HeadTable:
    """Return the measures of all heads over a set of sentences: mean, spread, and how many could tell.

    Every sentence counts the same, however long it is.

    Args:
        traces: of one model, at least one.
        alignments: for each trace its word alignment, or None.

    Raises:
        ShapeError: if there is no trace, if the traces are of models of different shapes, or if there are not as many
            alignments as traces.
        AlignmentError: if an alignment names a position that its sentence does not have.
    """
    if not traces or any(trace.plan != traces[0].plan for trace in traces):
        raise ShapeError(
            f"a table of heads is over one or more traces of one model, not over {len(traces)} of "
            f"{len({trace.plan for trace in traces})} shapes",
            n_traces=len(traces),
        )
    pairs = [None] * len(traces) if alignments is None else list(alignments)
    if len(pairs) != len(traces):
        raise ShapeError(f"{len(pairs)} alignments for {len(traces)} traces", n_traces=len(traces))
    heads = all_heads(traces[0].plan)
    found = [_columns(trace, heads, one) for trace, one in zip(traces, pairs, strict=True)]
    columns = {name: np.stack([one[name] for one in found]) for name in MEASURES}  # name -> [sentence, N]
    counts = {name: (~np.isnan(column)).sum(axis=0) for name, column in columns.items()}
    values = {name: _divided(np.nansum(column, axis=0), counts[name]) for name, column in columns.items()}
    squares = {name: np.nansum((column - values[name]) ** 2, axis=0) for name, column in columns.items()}
    spreads = {name: np.sqrt(_divided(square, counts[name] - 1)) for name, square in squares.items()}
    return HeadTable(heads, values, spreads, counts)


@checked()
def find_heads(table: HeadTable, query: HeadQuery) -> tuple[Head, ...]:
    """Return the heads that a query is about, the highest value first, or the lowest if only `at_most` is asked."""
    values = table.values[query.measure]
    found = [i for i, value in enumerate(values) if query.holds(value)]
    downwards = query.at_least > -math.inf
    return tuple(table.heads[i] for i in sorted(found, key=lambda i: -values[i] if downwards else values[i]))


@checked()
def head_labels(table: HeadTable) -> tuple[tuple[HeadLabel, ...], ...]:
    """Return for each head of a table the labels whose bar it clears, as `HEAD_LABELS` states them; many clear none."""
    return tuple(
        tuple(
            HeadLabel(name, float(table.values[query.measure][i]), int(table.counts[query.measure][i]), query)
            for name, query in HEAD_LABELS.items()
            if query.holds(table.values[query.measure][i])
        )
        for i in range(len(table.heads))
    )


def _columns(trace: Trace, heads: tuple[Head, ...], alignment: Iterable[Pair] | None) -> dict[str, Array]:
    """Every measure of every head on one sentence, NaN where it does not apply: name -> [N]."""
    pairs = None if alignment is None else tuple(alignment)  # read once for each block
    columns = {name: np.full(len(heads), np.nan) for name in MEASURES}
    for block in dict.fromkeys(head.block for head in heads):
        rows = [i for i, head in enumerate(heads) if head.block == block]
        for name, numbers in measure(trace, block, pairs).items():
            columns[name][rows] = numbers
    return columns


def _divided(sums: Array, n: Array) -> Array:
    return np.divide(sums, n, out=np.full(sums.shape, np.nan), where=n > 0)
