"""One forward pass: plain, traced, and Hugging Face's."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks import shapes
from benchmarks.core.peers import Pair, gpt2_pair
from benchmarks.results import Row
from benchmarks.timing import interleaved
from transformer_core.glass.capture import run_with_trace


def small_rows(rounds: int = 60) -> list[Row]:
    """Return the rows of the small shape, where what a hook point costs shows most."""
    shape, pair, ids = _prepared(shapes.SMALL)
    read = ids[0].tolist()
    timing = interleaved(
        {
            "plain": lambda: _ours(pair, ids),
            "trace": lambda: run_with_trace(pair.ours, target=read),
            "theirs": lambda: _theirs(pair, ids),
        },
        rounds,
    )
    return [
        Row("plain", f"plain / Hugging Face sdpa plain: {shape}", 0.8, timing.ratio("plain", "theirs")),
        Row("trace", f"full trace / our plain: {shape}", 1.15, timing.ratio("trace", "plain")),
        Row("trace-hf", f"full trace / Hugging Face sdpa plain: {shape}", 0.9, timing.ratio("trace", "theirs")),
    ]


def gpt2_rows(rounds: int = 11) -> list[Row]:
    """Return the row of GPT-2's shape, where memory that is kept shows most."""
    return _traced("gpt2", shapes.GPT2, rounds)


def gpt2_long_rows(rounds: int = 5) -> list[Row]:
    """Return the same row for twice as many tokens."""
    return _traced("gpt2-512", shapes.GPT2_LONG, rounds)


def _traced(key: str, shape: shapes.Shape, rounds: int) -> list[Row]:
    shape, pair, ids = _prepared(shape)
    read = ids[0].tolist()
    timing = interleaved(
        {"trace": lambda: run_with_trace(pair.ours, target=read), "theirs": lambda: _theirs(pair, ids)}, rounds
    )
    return [Row(key, f"full trace / Hugging Face sdpa plain: {shape}", 1.15, timing.ratio("trace", "theirs"))]


def _prepared(shape: shapes.Shape) -> tuple[shapes.Shape, Pair, Tensor]:
    pair = gpt2_pair(shape)
    ids = torch.randint(3, shape.vocab_size, (1, shape.n_tokens))
    torch.testing.assert_close(_ours(pair, ids), _theirs(pair, ids), rtol=1e-4, atol=1e-4)
    return shape, pair, ids


@torch.inference_mode()
def _ours(pair: Pair, ids: Tensor) -> Tensor:
    return pair.ours(None, ids)


@torch.inference_mode()
def _theirs(pair: Pair, ids: Tensor) -> Tensor:
    return pair.theirs(ids, use_cache=False).logits
