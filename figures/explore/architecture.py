"""The whole model as one picture's data: every strip and matrix of the map is a true value of one trace.

A strip shows some evenly spaced dimensions of a vector per position, a matrix the mean over the heads, scaled to its
largest. Numbers travel as bytes: the picture needs no more, and the ranges are sent beside them. Of an edited run it
can show how it differs from the original: each difference as a share of the original's largest, all on one scale.
Letters: L position, D d_model, F d_ff, H head, Q query position, K key position.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.labels import number
from figures.base.shares import written_shares
from figures.base.wire import flagged
from figures.explore.stream_sizes import lengths
from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import (
    blocks_of,
    embedding_of,
    key_of,
    n_layers,
    norms_first,
    stack_out,
    stacks,
    words_of,
)

Array = NDArray[Any]
DIMENSIONS, WIDE = 24, 48  # dimensions shown of a vector in the residual stream, and inside the feed-forward network
ZERO, BLOCKED = 127, 255


@dataclass(frozen=True)
class _Run:
    """What the map shows: a run, or how it differs from another one over the same words."""

    trace: Trace
    original: Trace | None
    full: float = 1.0  # the share of the original's largest number that has the full colour

    def values(self, key: str) -> Array:
        return self.trace[key] if self.original is None else self.trace[key] - self.original[key]

    def whole(self, key: str) -> Array:
        """The values of which the colours show a share."""
        return (self.original or self.trace)[key]

    def allowed(self, key: str) -> Array:
        here = self.trace[key]
        return here if self.original is None else here | self.original[key]


def architecture(trace: Trace, original: Trace | None = None) -> dict[str, Any]:
    """Return the map of a run.

    Args:
        trace: the run.
        original: with it, strips and matrices show the run minus this one, which reads the same words.

    Returns:
        facts: the numbers of the config; written: words with flags, none where nothing is said; typed: of each whether
        the reader typed it; probs: of each; before: the same of the original, or None; full: the share of the
        original's largest number that has the full colour, 1 without an original; lanes: by the stack, each with the
        words that it reads, whether a word sees no later one, its embedding, its layers as lists of parts, and its
        output.
    """
    plan, run = trace.plan, _Run(trace, original)
    if original is not None:
        run = replace(run, full=max(_share(run, key) for key in _keys(_lanes(run))) or 1.0)
    return {
        "facts": {
            "d_model": plan.size("D"),
            "n_heads": plan.size("H"),
            "d_head": plan.size("E"),
            "d_ff": plan.size("F"),
            "norm": "pre" if norms_first(plan, plan.word_lists[-1].stack) else "post",
        },
        "written": flagged(trace.writing.written),
        "typed": [word.typed for word in trace.writing.written],
        "probs": _probs(trace, trace.written_ids),
        "before": None if original is None else _probs(original, trace.written_ids),
        "lanes": _lanes(run),
        "full": run.full,
    }


def _probs(trace: Trace, ids: Sequence[int]) -> list[float]:
    return [round(p, 5) for p in written_shares(trace, ids)]


def _lanes(run: _Run) -> dict[str, Any]:
    return {stack: _lane(run, stack) for stack in stacks(run.trace.plan)}


def _keys(found: Any) -> Iterator[str]:
    """The keys of all pictures."""
    if isinstance(found, dict) and "data" in found:
        yield found["key"]
    elif isinstance(found, (dict, list)):
        for part in found.values() if isinstance(found, dict) else found:
            yield from _keys(part)


def _share(run: _Run, key: str) -> float:
    """The largest number that a picture shows, as a share of the largest of the original."""
    values, whole = run.values(key), run.whole(key)
    if run.trace.site(key).kind == "weights":
        values, whole = values.mean(axis=0), whole.mean(axis=0)
    return float(np.abs(values).max()) / (float(np.abs(whole).max()) or 1.0)


def _lane(run: _Run, stack: str) -> dict[str, Any]:
    plan = run.trace.plan
    layers, words = (
        [blocks_of(plan, stack, layer) for layer in range(n_layers(plan, stack))],
        words_of(plan, stack).name,
    )
    return {
        "list": words,
        "words": flagged(run.trace.words_of(words).read),
        "causal": words in causal_lists(plan),
        "embedding": _strip(run, key_of(embedding_of(plan, stack))),
        "layers": [_layer(run, blocks, norms_first(plan, stack)) for blocks in layers],
        "out": _strip(run, stack_out(plan, stack)),
    }


def _layer(run: _Run, blocks: Sequence[Block], pre_norm: bool) -> list[dict[str, Any]]:
    """The parts of one layer in the order of computation, so that the picture shows where the norms sit.

    In post-norm a sum is one part with its norm.
    """
    parts: list[dict[str, Any]] = []
    added: list[float] = []
    for block in blocks:
        if block.role == "add":
            added = _added(run, key_of(block))
        if block.role == "attention":
            parts.append(_attention(run, block))
        elif block.role == "feed_forward":
            parts.append({"kind": "ffn", "strip": _strip(run, key_of(block, "act"), WIDE)})
        elif block.role == "norm" and not pre_norm:
            parts.append({"kind": "add_norm", "strip": _strip(run, key_of(block)), "added": added})
        elif block.role == "norm":
            parts.append({"kind": "norm", "strip": _strip(run, key_of(block))})
        elif block.role == "add" and pre_norm:
            parts.append({"kind": "add", "strip": _strip(run, key_of(block)), "added": added})
    return parts


def _attention(run: _Run, block: Block) -> dict[str, Any]:
    return {
        "kind": block.name,
        **{name: _heads_strip(run, key_of(block, name)) for name in ("q", "k", "v")},
        "matrix": _matrix(run, block),
        "looked": _rounded(run.values(key_of(block, "weights")).mean(axis=(0, 1))),
    }


def _added(run: _Run, key: str) -> list[float]:
    """The length of what a residual sum adds to each row, as a share of the lengths of both vectors that meet there."""
    before, added = run.trace.site(key).formula.sites
    met = lengths(run.whole(before)) + lengths(run.whole(added))
    return _rounded(lengths(run.values(added)) / np.where(met > 0, met, 1.0))


def _rounded(shares: Array) -> list[float]:
    return [round(float(share), 4) for share in shares]


def _strip(run: _Run, key: str, most: int = DIMENSIONS) -> dict[str, Any]:
    return _signed(run, key, run.values(key), run.whole(key), most)


def _heads_strip(run: _Run, key: str) -> dict[str, Any]:
    rows, whole = (
        values.transpose(1, 0, 2).reshape(
            values.shape[1], -1
        )  # [H, L, E] -> [L, H*E]: heads side by side, as projected
        for values in (run.values(key), run.whole(key))
    )
    return _signed(run, key, rows, whole, DIMENSIONS)


def _signed(run: _Run, key: str, rows: Array, whole: Array, most: int) -> dict[str, Any]:
    shown = np.linspace(0, rows.shape[1] - 1, min(most, rows.shape[1])).round().astype(int)
    return _picture(
        _signed_bytes(run, rows[:, shown], whole[:, shown] if run.original is None else whole), _facts(run, key)
    )


def _signed_bytes(run: _Run, values: Array, whole: Array) -> Array:
    reach = float(np.abs(whole).max()) * run.full or 1.0
    return np.clip(np.round(values / reach * ZERO), -ZERO, ZERO) + ZERO


def _matrix(run: _Run, block: Block) -> dict[str, Any]:
    key = key_of(block, "weights")
    mean, whole = run.values(key).mean(axis=0), run.whole(key).mean(axis=0)
    # Scaled to the largest: in a long sentence every weight is small, and the thumbnail would be blank.
    cells = np.round(mean / mean.max() * (BLOCKED - 1)) if run.original is None else _signed_bytes(run, mean, whole)
    allowed = run.allowed(key_of(block, "mask"))
    return {**_picture(np.where(allowed, cells, BLOCKED), _facts(run, key)), "signed": run.original is not None}


def _picture(cells: Array, facts: Mapping[str, Any]) -> dict[str, Any]:
    data = base64.b64encode(np.ascontiguousarray(cells, dtype=np.uint8).tobytes()).decode("ascii")
    return {"rows": cells.shape[0], "columns": cells.shape[1], "data": data, **facts}


def _facts(run: _Run, key: str) -> dict[str, Any]:
    values = run.values(key)
    shape = " × ".join(str(n) for n in values.shape)
    return {"key": key, "shape": shape, "low": number(float(values.min())), "high": number(float(values.max()))}
