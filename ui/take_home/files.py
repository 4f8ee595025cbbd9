"""The values of a run as files: what is in them, and what they are called."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.labels import plain_rows
from transformer_core.glass.compare import has_difference, run_difference
from transformer_core.glass.trace import Trace
from ui.parts.maps import numbers
from ui.state.models import Asked, get_model, get_trace, reader
from ui.state.values import Value, find_value

Array = NDArray[Any]
DIFFERS = ": edited - original"  # in a table's first field
MARK = "\ufeff"  # without it Excel takes UTF-8 for another encoding


def file_name(model: str, *parts: str, kind: str = "") -> str:
    """Return what a file is called, `glassformer-zh-en-decoder.2.cross_attn.weights-head0.csv`."""
    name = "-".join(("glassformer", model, *(part for part in parts if part)))
    return f"{name}.{kind}" if kind else name


def head_part(value: Value, head: int) -> str:
    """Return the part of a file's name that tells a value's own head; "" where it has none."""
    return f"head{value.own_head(head)}" if value.sharing else ""


def run_part(asked: Asked, key: str = "") -> str:
    """Return the part of a file's name that tells which run is in it: "" without edits, "edited" or "difference".

    `key` is that of the value in the file: parameters and ids have no difference.
    """
    if not asked.edits:
        return ""
    shows = not key or has_difference(get_model(asked.model).plan, key)
    return "difference" if asked.difference and shows else "edited"


def csv_file(asked: Asked, key: str, head: int) -> bytes:
    """Return all rows and columns of a value (of one head) as CSV, both labelled: positions with their words.

    Of a difference it has what `compare.run_difference` says, and its first field names it.
    """
    trace = get_trace(asked)
    value = find_value(trace.plan, key)
    cells = numbers(asked, value, head)
    rows, columns = (
        _labels(asked, trace, value, letter, n) for letter, n in zip(value.letters, cells.shape, strict=True)
    )
    corner = f"{key}[{value.own_head(head)}]" if value.sharing else key
    corner += DIFFERS if run_part(asked, key) == "difference" else ""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([corner, *columns])
    # As text every number is as short as it can be while it reads back as the same number.
    writer.writerows([label, *line] for label, line in zip(rows, cells.astype(str).tolist(), strict=True))
    return (MARK + text.getvalue()).encode()


def npz_file(asked: Asked, key: str) -> bytes:
    """Return the whole value as NPZ: `values`, `axes`, `key`, what was asked, and the words of each axis.

    Under edits `run` says whether it is the edited value or its difference from the original.
    """
    trace = get_trace(asked)
    value, run = find_value(trace.plan, key), run_part(asked, key)
    array = run_difference(trace, get_trace(asked.plain), key) if run == "difference" else trace.array(key)
    told = {"key": key, "axes": value.axes, "model": asked.model, "source": asked.source, "target": asked.target}
    told |= {"edits": asked.edits, "run": run} if run else {}
    words: dict[str, tuple[str, ...]] = {}
    for letter in value.axes:
        read, written = _tokens(trace, value, letter)
        words |= {f"tokens_{letter}": read, f"written_{letter}": written}
    if "V" in value.axes:
        words["tokens_V"] = vocabulary(asked, key)
    arrays = {name: np.array(text) for name, text in (told | {n: w for n, w in words.items() if w}).items()}
    file = BytesIO()
    np.savez(file, allow_pickle=False, values=array, **arrays)
    return file.getvalue()


def trace_file(trace: Trace) -> bytes:
    """Return the whole trace as NPZ, which `Trace.load` reads without torch."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trace.npz"
        trace.save(path)
        return path.read_bytes()


def vocabulary(asked: Asked, key: str) -> tuple[str, ...]:
    """Return the words of the vocabulary that a value is about, by their ids."""
    value, array = find_value(get_model(asked.model).plan, key), get_trace(asked.edited).array(key)
    read = reader(asked.model, value.block.words)
    return tuple(read(i).text for i in range(array.shape[value.axes.index("V")]))


def _labels(asked: Asked, trace: Trace, value: Value, letter: str, n: int) -> list[str]:
    """A label begins with the position: a sign in front would make a table program take a word for a formula."""
    read, written = _tokens(trace, value, letter)
    if letter == "V":
        read = vocabulary(asked, value.key)
    return plain_rows(read, written) if read else [str(i) for i in range(n)]


def _tokens(trace: Trace, value: Value, letter: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the positions of an axis read, and what they write; nothing where they are no positions."""
    if value.is_parameter or letter not in value.axes:
        return (), ()
    side = value.sides[value.axes.index(letter)]
    if side is None:
        return (), ()
    words = trace.words_of(side)
    return words.texts, words.written_texts if letter in "LQ" else ()
