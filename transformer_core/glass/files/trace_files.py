"""Traces in files: one .npz with the values, and a header that holds the plan and the words.

Values that the plan spares are left out. The parameters stand in the file, but those of a bundled model and those of a
checkpoint of another's: of these the header says where they are, and what they were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from transformer_core.glass.arrays import Array
from transformer_core.glass.errors import CheckpointError, GlassformerError, StoredWeightsError
from transformer_core.glass.files.origin import Origin, StoredTensor
from transformer_core.glass.files.plan_files import plan_from_data, to_data
from transformer_core.glass.files.stored import WEIGHTS, StoredArrays, digest_of, parameters_in, weights_in
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import sites_by_key, spared_keys
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word, Words

FORMAT = 4
_NAMES = 3  # referred to bundled models alone, whose file holds each parameter as it is
_READ = (2, _NAMES, FORMAT)
_HEADER = "trace.json"
_PARAMETER = "parameters/"


def save_trace(trace: Trace, path: str | PathLike[str]) -> None:
    """Write a whole trace to one .npz file: with its parameters, or with where they are and what they were."""
    reference = _reference(trace)
    header = {
        "format": FORMAT,
        "plan": to_data(trace.plan),
        "words": {name: _words_data(words) for name, words in trace.words.items()},
        "edited": trace.edited,
        "edits": trace.edits,
        "changed": trace.changed,
        "breaks_causality": trace.breaks_causality,
        "parameters": reference,
    }
    parameters = {} if reference else {_PARAMETER + name: value for name, value in trace.parameters.items()}
    left_out = {key for key in spared_keys(trace.plan) if trace.derives(key)}
    values = {key: trace[key] for key in trace if key not in left_out}
    arrays = {_HEADER: np.array(json.dumps(header)), **values, **parameters}
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_trace(path: str | PathLike[str], folder: Path | None = None) -> Trace:
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
        # Walked over here: what holds no blocks and values is no plan.
        sites, spared = set(sites_by_key(plan)), spared_keys(plan)
        stored = _stored(header, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile, RecursionError) as error:
        raise CheckpointError(f"{path} is not a saved trace: {error}", path=str(path)) from error
    parameters = {n.removeprefix(_PARAMETER): a for n, a in arrays.items() if n.startswith(_PARAMETER)}
    values = {name: a for name, a in arrays.items() if not name.startswith(_PARAMETER)}
    missing = sorted((sites ^ set(values)) - (spared & sites))
    if missing:
        raise CheckpointError(f"{path} lacks or adds the sites {', '.join(missing)}", path=str(path))
    return Trace(plan, values, parameters=stored or parameters, words=words, breaks_causality=causality, **facts)


def _reference(trace: Trace) -> dict[str, Any] | None:
    """Where the parameters of a trace are and what they are; None if they have to stand in its own file."""
    origin = trace.parameters.origin
    if origin is None:
        return None
    own = dict(trace.parameters.items())  # one that was written into since the run ends it here
    try:
        places = dict(origin.places) or _by_contents(own, weights_in(origin.model))
        there = parameters_in(replace(origin, places=places))
    except StoredWeightsError:
        return None
    if own.keys() != there.keys() or not all(_same(array, there[name]) for name, array in own.items()):
        return None
    rows = {name: places[name].to_data() for name in own}
    return {"model": origin.model, "revision": origin.revision, "digest": digest_of(own), "places": rows}


def _by_contents(own: Mapping[str, Array], there: Mapping[str, Array]) -> dict[str, StoredTensor]:
    """Where each parameter stands in the file of a bundled model; a tied one stands there under another name."""
    found = {}
    for name, array in own.items():
        same = next((other for other in (name, *there) if other in there and _same(array, there[other])), None)
        if same is not None:
            found[name] = StoredTensor(WEIGHTS, same)
    return found


def _same(array: Array, other: Array) -> bool:
    return array.dtype == other.dtype and np.array_equal(array, other)


def _stored(header: Mapping[str, Any], folder: Path | None) -> StoredArrays | None:
    told = header.get("parameters") if header.get("format") in (_NAMES, FORMAT) else None
    if told is None:
        return None
    if header["format"] == _NAMES:
        places = {str(name): StoredTensor(WEIGHTS, str(there)) for name, there in told["names"].items()}
    else:
        places = {str(name): StoredTensor.from_data(row) for name, row in told["places"].items()}
    origin = Origin(str(told["model"]), str(told.get("revision", "")), places, folder)
    return StoredArrays(origin, str(told["digest"]))


def _words_data(words: Words) -> dict[str, Any]:
    def listed(row: tuple[Word, ...]) -> list[list[Any]]:
        return [[word.text, word.special, word.typed] for word in row]

    return {"read": listed(words.read), "written": listed(words.written), "written_ids": words.written_ids}


def _read(header: Mapping[str, Any]) -> tuple[Plan, dict[str, Words]]:
    if header["format"] not in _READ:
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
