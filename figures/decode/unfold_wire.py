"""The steps of a decoding on their way to the browser: numbers as two bytes each, every word once.

A weight or probability p travels as the whole number p * 65535, which `figures.decode.unfold` has already rounded it
to: what is shown is what was sent. `assets/components/player/wire.js` is the way back.
Letters: T target position, S source position, C candidate.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.decode.unfold import LEVELS


def packed(told: Mapping[str, Any], run: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what `figures.decode.unfold.unfold` and `figures.decode.unfold_run.run_facts` told, small.

    Returns:
        source, written: words as text; first: what the first step reads; special: those that are special tokens; own:
        the triangle of the weights up to each position, row by row; cross: T x S; mask: T x T bits; vocabulary: (id,
        word) of every candidate; candidates: places in it, T x C, and shares, T x C; chosen: id, rank and share of each
        written word; entropy; run: None, or as told, with a list for each column of its steps. Weights, shares and
        places are base64 of little-endian 16-bit numbers.
    """
    steps = told["steps"]
    vocabulary = {one["id"]: one["word"] for step in steps for one in step["candidates"]}
    place = {word: i for i, word in enumerate(vocabulary)}
    return {
        **{side: [word["text"] for word in told[side]] for side in ("source", "written")},
        "first": told["read"][0]["text"],
        "special": sorted(_special(told)),
        "own": _shares(p for t, step in enumerate(steps) for p in step["own"][: t + 1]),
        "cross": _shares(p for step in steps for p in step["cross"]),
        "mask": _text(np.packbits([may for step in steps for may in step["mask"]])),
        "vocabulary": [[number, word] for number, word in vocabulary.items()],
        "candidates": _numbers(place[one["id"]] for step in steps for one in step["candidates"]),
        "shares": _shares(one["p"] for step in steps for one in step["candidates"]),
        "chosen": [[step["chosen"]["id"], step["chosen"]["rank"]] for step in steps],
        "chosen_shares": _shares(step["chosen"]["p"] for step in steps),
        "entropy": [step["entropy"] for step in steps],
        "run": run and {**run, "steps": {name: [step[name] for step in run["steps"]] for name in run["steps"][0]}},
    }


def _special(told: Mapping[str, Any]) -> set[str]:
    """The texts of all special tokens that the player shows."""
    words = [*told["source"], *told["read"], *told["written"]]
    next_ = [{"text": one["word"], "special": one["special"]} for step in told["steps"] for one in step["candidates"]]
    return {word["text"] for word in (*words, *next_) if word["special"]}


def raw_bytes(told: Mapping[str, Any], run: Mapping[str, Any]) -> int:
    """Return one byte for each number and mask cell that the player shows, and its different words as they are written.

    Args:
        told, run: as in `packed`.
    """
    steps, n = told["steps"], len(told["steps"])
    candidates = [one for step in steps for one in step["candidates"]]
    numbers = n * (n + 1) // 2 + n * len(told["source"]) + n * n + len(candidates)  # own, cross, mask, shares
    numbers += n * (len(("rank", "share", "entropy")) + len(run["steps"][0]))
    words = {word["text"] for side in ("source", "written") for word in told[side]}
    return numbers + sum(len(word.encode()) for word in words | {one["word"] for one in candidates})


def _shares(values: Iterable[float]) -> str:
    return _numbers(round(p * LEVELS) for p in values)


def _numbers(values: Iterable[int]) -> str:
    return _text(np.fromiter(values, dtype="<u2"))


def _text(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
