"""Print the speed goals of the core and what this machine reaches; `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

import torch
import transformers

from benchmarks.core.checkpoints import FAMILIES
from benchmarks.core.clever import clever_rows
from benchmarks.core.decoding import decode_rows
from benchmarks.core.families import family_decode_rows, family_trace_rows
from benchmarks.core.forward import gpt2_long_rows, gpt2_rows, small_rows
from benchmarks.core.importance import importance_rows
from benchmarks.core.loading import SIZES, loading_rows
from benchmarks.core.memory import bytes_rows
from benchmarks.core.size import cell_rows, large_bytes_rows
from benchmarks.results import Row, table

GROUPS: dict[tuple[str, ...], Callable[..., list[Row]]] = {
    ("plain", "trace", "trace-hf"): small_rows,
    ("gpt2",): gpt2_rows,
    ("gpt2-512",): gpt2_long_rows,
    ("bytes",): bytes_rows,
    ("megabytes", "megabytes-512"): large_bytes_rows,
    ("cell", "cell-512"): cell_rows,
    ("decode",): decode_rows,
    ("importance",): importance_rows,
    **{(f"trace-{name}",): partial(family_trace_rows, name) for name in FAMILIES},
    **{(f"decode-{name}",): partial(family_decode_rows, name) for name, one in FAMILIES.items() if one.writes},
    **{(f"load-{name}", f"first-{name}", f"anonymous-{name}"): partial(loading_rows, name) for name in SIZES},
    ("children", "hook", "loss"): clever_rows,
}
KEYS = [key for keys in GROUPS for key in keys]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows that the command line asks for, and print them."""
    options = _options(arguments)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)  # more of them on small tensors measure the waiting
    rounds = {} if options.rounds is None else {"rounds": options.rounds}
    rows: list[Row] = []
    for keys, measure in GROUPS.items():
        if set(keys) & set(options.rows):
            print(f"measuring {', '.join(keys)} ...", file=sys.stderr, flush=True)
            rows += [row for row in measure(**rounds) if row.key in options.rows]
    if options.json:
        print(json.dumps([asdict(row) | {"ok": row.ok} for row in rows], indent=2))
    else:
        print(f"CPU time on one thread, torch {torch.__version__}, transformers {transformers.__version__};")
        print("the two sides in turn, their ratio within each round, the median of all rounds\n")
        print(table(rows))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=KEYS, default=KEYS, metavar="ROW", help=", ".join(KEYS))
    parser.add_argument("--rounds", type=_positive, help="rounds of every row (by default as many as it needs)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


if __name__ == "__main__":
    main()
