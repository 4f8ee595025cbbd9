"""Traces in files: one .npz with every value, every parameter, and a header that holds the plan and the words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from typing import Any
from zipfile import BadZipFile

import numpy as np

from transformer_core.glass.errors import CheckpointError, GlassformerError
from transformer_core.glass.plan import Plan
from transformer_core.glass.plan_files import plan_from_data, to_data
from transformer_core.glass.sites import sites_by_key
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word, Words

FORMAT = 2
_HEADER = "trace.json"
_PARAMETER = "parameters/"


def save_trace(trace: Trace, path: str | PathLike[str]) -> None:
    """Write a whole trace, parameters included, to one .npz file."""
    header = {
        "format": FORMAT,
        "plan": to_data(trace.plan),
        "words": {name: _words_data(words) for name, words in trace.words.items()},
        "edited": trace.edited,
        "edits": trace.edits,
        "changed": trace.changed,
        "breaks_causality": trace.breaks_causality,
    }
    parameters = {_PARAMETER + name: value for name, value in trace.parameters.items()}
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **{_HEADER: np.array(json.dumps(header)), **trace, **parameters})


def load_trace(path: str | PathLike[str]) -> Trace:
    """Read a trace that `save_trace` wrote, in this version or an earlier one.

    Raises:
        CheckpointError: if the file is not one.
    """
    try:
        # numpy leaves a file that it opened itself open when it turns out to be damaged.
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays.pop(_HEADER)))
        plan, words = _read(header) if "format" in header else _read_first_format(header)
        facts: dict[str, Any] = {name: tuple(header.get(name, ())) for name in ("edited", "edits", "changed")}
        causality = bool(header.get("breaks_causality", False))
        sites = set(sites_by_key(plan))  # walked over here: what holds no blocks and values is no plan
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile, RecursionError) as error:
        raise CheckpointError(f"{path} is not a saved trace: {error}", path=str(path)) from error
    parameters = {n.removeprefix(_PARAMETER): a for n, a in arrays.items() if n.startswith(_PARAMETER)}
    values = {name: a for name, a in arrays.items() if not name.startswith(_PARAMETER)}
    missing = sorted(sites ^ set(values))
    if missing:
        raise CheckpointError(f"{path} lacks or adds the sites {', '.join(missing)}", path=str(path))
    return Trace(plan, values, parameters=parameters, words=words, breaks_causality=causality, **facts)


def _words_data(words: Words) -> dict[str, Any]:
    def listed(row: tuple[Word, ...]) -> list[list[Any]]:
        return [[word.text, word.special, word.typed] for word in row]

    return {"read": listed(words.read), "written": listed(words.written), "written_ids": words.written_ids}


def _read(header: Mapping[str, Any]) -> tuple[Plan, dict[str, Words]]:
    if header["format"] != FORMAT:
        raise ValueError(f"its format is {header['format']!r}, and this version reads formats up to {FORMAT}")

    def row(data: list[list[Any]]) -> tuple[Word, ...]:
        return tuple(Word(str(text), bool(special), bool(typed)) for text, special, typed in data)

    words = {
        name: Words(row(one["read"]), row(one["written"]), tuple(int(i) for i in one["written_ids"]))
        for name, one in header["words"].items()
    }
    return plan_from_data(header["plan"]), words


def _read_first_format(header: Mapping[str, Any]) -> tuple[Plan, dict[str, Words]]:
    """Before there were plans, a trace held the config of its Transformer."""
    # The one arrow out of this room: files that readers took home must go on opening.
    from transformer_core.transformer.first_format import plan_and_words

    try:
        return plan_and_words(header)
    except GlassformerError as error:
        raise ValueError(str(error)) from error
