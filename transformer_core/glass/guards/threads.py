"""Small passes on one thread, for as long as they take.

PyTorch starts with a thread for every core, and its threads wait for each other by turning in a circle. A small model
has little to share and much to wait for: as soon as another program needs one of the cores, a pass takes a hundred
times as long (a translation of the bundled zh-en on two cores: 0.55 s on two threads, 0.005 s on one).

What the reader has chosen stays. Nothing is done for a model wider than `SMALL`, if OMP_NUM_THREADS or MKL_NUM_THREADS
is set, or if `torch.set_num_threads` was called after this package first loaded torch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

SMALL = 512  # d_model


def is_chosen() -> bool:
    """Return whether the environment says how many threads there are to be."""
    return any(os.environ.get(name) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"))


_AT_FIRST, _CHOSEN = torch.get_num_threads(), is_chosen()


@contextmanager
def few_threads(d_model: int) -> Iterator[None]:
    """Let PyTorch compute on one thread until the block ends, in this thread of Python alone, if the model is small.

    The number belongs to the calling thread, and others keep theirs, whatever they are doing meanwhile. (One that uses
    PyTorch for the very first time while another is inside such a block starts with one thread, as PyTorch starts new
    threads with the number that was set last.)

    Args:
        d_model: width of the model that is to run.
    """
    if _CHOSEN or d_model > SMALL or (before := torch.get_num_threads()) == 1 or before != _AT_FIRST:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
