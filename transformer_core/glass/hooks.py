"""Hook points: named places in the network where a value can be seen, or replaced, while it is computed.

A listener belongs to the context that called `listening` (a `contextvars.ContextVar`), never to the module: threads
that share one model do not see each other's values.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from transformer_core.glass.errors import ListenerError
from transformer_core.glass.guards.arguments import checked

Listener = Callable[..., Tensor]
"""Called with a site's key and its tensor (with the batch axis); what it returns flows on.

A value that is computed row by row is passed once a row, without its axis of positions, and the row comes third.
"""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
_BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # by the bytes of a number


class HookPoint(nn.Module):
    """The identity, unless this context listens; then whatever the listener returns."""

    name = ""

    def forward(self, x: Tensor, row: int | None = None) -> Tensor:
        """Return `x`, or the listener's answer to it; a loop over positions says at which row it is."""
        listener = _listener.get()
        if listener is None:
            return x
        return listener(self.name, x) if row is None else listener(self.name, x, row)

    # The module's own call machinery costs ten times the identity, and a trace has a hundred hook points.
    __call__ = forward

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "forward":
            self._refuse()
        super().__setattr__(name, value)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ListenerError(
            f"{self.name or 'a hook point'} takes no hooks of PyTorch's, which all threads that share the model would "
            "hear: use `with listening(listener): ...`",
            key=self.name,
        )

    # They would never be called.
    register_forward_hook = register_forward_pre_hook = _refuse
    register_full_backward_hook = register_full_backward_pre_hook = register_backward_hook = _refuse


@checked()
@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` see every hook point that is passed in this context, until the block ends.

    Args:
        listener: gets the site's key and a copy of the tensor. Returning what it was given observes; returning another
            one, or having written into it, edits.

    Raises:
        ListenerError: if the listener returns no tensor.
    """
    with hearing(on_copies(listener)):
        yield


@contextmanager
def hearing(listener: Listener) -> Iterator[None]:
    """Let `listener` see the tensors themselves: as `listening`, without copies, and unchecked.

    They share memory with each other, with the weights and with tables that all models use: only for a listener that
    never writes, and whose tensors nobody else writes into.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def on_copies(listener: Listener) -> Listener:
    """Return a listener that does what `listener` does, but cannot write into anything except what it changes.

    What it returns is `x` itself where nothing was changed. Neither what `listener` was handed nor what it returns is
    used any further, so that it may keep them and write into them later.
    """

    def hear(key: str, x: Tensor, *row: int) -> Tensor:
        copy = x.clone()
        answer = listener(key, copy, *row)
        if not isinstance(answer, Tensor):
            raise ListenerError(
                f"the listener returned {type(answer).__name__} for {key}; it must return a tensor: the one that it "
                "was given, written into or not, or another",
                key=key,
                found=type(answer).__name__,
            )
        # Where gradients are kept, they have to pass through what the listener holds.
        untouched = answer is copy and not (torch.is_grad_enabled() and x.requires_grad) and _same_bits(copy, x)
        return x if untouched else answer.clone()

    return hear


def _same_bits(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same numbers: every write is found, and a NaN is the same as itself."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    bits = _BITS[one.element_size()]
    return torch.equal(one.view(bits), other.view(bits))


def is_listening() -> bool:
    """Whether somebody listens in this context."""
    return _listener.get() is not None


def name_hook_points(model: nn.Module) -> None:
    """Give every hook point of `model` its module path as its name: the site's key."""
    for path, module in model.named_modules():
        if isinstance(module, HookPoint):
            module.name = sys.intern(path)  # as the keys of a plan's sites: they are compared in every trace
