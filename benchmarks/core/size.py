"""What a large model costs: the memory of a trace, and a cell of its vocabulary explained."""

from __future__ import annotations

from functools import partial

import torch

from benchmarks import shapes
from benchmarks.core.peers import gpt2_pair
from benchmarks.results import Row
from benchmarks.timing import interleaved, summary
from figures.base.explain import explain
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.formulas import find_formula, row_difference
from transformer_core.glass.trace import Trace

MEGABYTE = 1e6
MOST_MEGABYTES = {"": 290.0, "-512": 650.0}
CELL_MS = 30.0


def large_bytes_rows(rounds: int = 1) -> list[Row]:
    """Return the rows of a large trace; memory does not vary, so that there is one round however many are asked for."""
    return [
        Row(
            f"megabytes{name}",
            f"megabytes that a trace holds: {shape}",
            MOST_MEGABYTES[name],
            summary([_traced(shape).nbytes / MEGABYTE]),
        )
        for name, shape in _shapes().items()
    ]


def cell_rows(rounds: int = 15) -> list[Row]:
    """Return the rows of a logit explained, on top of a cell of the residual stream: milliseconds of CPU.

    Each call looks at another row, of which nothing is known yet.
    """
    rows = []
    for name, shape in _shapes().items():
        trace = _traced(shape)
        sides = {
            "logits": partial(_explained, trace, "head.logits", _Places(shape.n_tokens, shape.vocab_size)),
            "stream": partial(
                _explained, trace, f"decoder.{shape.n_layers - 1}.add1", _Places(shape.n_tokens, shape.d_model)
            ),
        }
        timing = interleaved(sides, rounds)
        what = f"ms, a logit of {shape.vocab_size} explained, on top of a cell of the stream: {shape}"
        rows.append(Row(f"cell{name}", what, CELL_MS, timing.milliseconds_more("logits", "stream")))
    return rows


def _shapes() -> dict[str, shapes.Shape]:
    return {"": shapes.GPT2, "-512": shapes.GPT2_LONG}


class _Places:
    """One cell after the other, each in another row."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        self._sizes, self._n = (n_rows, n_columns), 0

    def next(self) -> tuple[int, int]:
        self._n += 1
        return self._n * 7 % self._sizes[0], self._n * 7919 % self._sizes[1]


def _explained(trace: Trace, key: str, places: _Places) -> None:
    index, formula = places.next(), find_formula(trace.plan, key)
    explain(formula.terms(trace, index), formula.latex, lambda letter, i: str(i))
    row_difference(trace, key, index)


def _traced(shape: shapes.Shape) -> Trace:
    ours = gpt2_pair(shape).ours
    return run_with_trace(ours, target=torch.randint(3, shape.vocab_size, (shape.n_tokens,)).tolist())
