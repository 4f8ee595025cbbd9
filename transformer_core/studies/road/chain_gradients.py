"""How much of an answer still hangs on an earlier word of a chain: the gradient back through time.

The gradient of log p(answer) by the vector x_s that a recurrent network read at step s; its length tells how much the
answer would change if that word were a little different. It is a product over the steps between (Bengio, Simard &
Frasconi 1994; Hochreiter & Schmidhuber 1997, section 3.1), and where its factors are small it vanishes.

Letters: B batch, L position, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch
from numpy.typing import NDArray

from transformer_core.ancestors.recurrent import Recurrent
from transformer_core.edits.parse import Edit
from transformer_core.glass.arrays import as_array
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.hooks import hearing
from transformer_core.models.glass import Glass
from transformer_core.training.comparisons.recall_task import Chain, draw

Array = NDArray[Any]


def gradient_back(glass: Glass, ids: Sequence[int], at: int, word: int, *, edits: Sequence[Edit] = ()) -> Array:
    """Return the lengths of the gradients of log p(word at position `at`) by the vectors read at 0 to `at`, [at + 1].

    Args:
        glass: a recurrent network.
        ids: what it reads, <s> first.
        at: the position whose answer is asked about.
        word: the id of the answer.
        edits: what is changed in the run.

    Raises:
        ArgumentError: if the text has no such position.
    """
    model = glass.model
    assert isinstance(model, Recurrent)
    if not 0 <= at < len(ids):
        wanted = f"from 0 to {len(ids) - 1}"
        raise ArgumentError(f"at must be {wanted}, not {at}", name="at", value=str(at), wanted=wanted)
    read, make = torch.tensor([list(ids)]), glass.listener(edits)
    listener = None if make is None else make(None, read)
    with torch.enable_grad(), nullcontext() if listener is None else hearing(listener):
        x = model.embed(read).detach().requires_grad_()
        h, _ = model.cell(x, None, None)
        log_p = torch.log_softmax(model.head(h), dim=-1)[0, at, word]
        (gradient,) = torch.autograd.grad(log_p, x)
    return as_array(gradient[0, : at + 1].norm(dim=-1))


def untrained_gradient(kind: str, distance: int, *, bias: float = 0.0, seed: int = 0, batch: int = 16) -> Array:
    """Return the same of a fresh cell, which is asked for the first symbol behind `distance` others, [distance + 1].

    It is where the training of `recall_run` begins: what has vanished here cannot teach anything.

    Args:
        kind: of the cell: "rnn", "gru", "lstm".
        distance: symbols behind the first.
        bias: is added to that of the gate which keeps the state.
        seed: of the weights and the symbols.
        batch: sequences, of which the mean of the logarithms is taken.
    """
    with torch.random.fork_rng(devices=()), torch.enable_grad():
        torch.manual_seed(seed)
        model = Chain(kind, bias=bias).eval()
        symbols = draw(batch, distance, torch.Generator().manual_seed(seed))
        x = model.embed(symbols).detach().requires_grad_()
        log_p = torch.log_softmax(model.read(x), dim=-1).gather(1, symbols[:, :1]).sum()
        (gradient,) = torch.autograd.grad(log_p, x)
    return as_array(gradient.double().norm(dim=-1).clamp(min=1e-300).log().mean(dim=0).exp())
