"""Hook points: named places in the network where a value can be seen, or replaced, while it is computed.

A listener belongs to the context that called `listening` (a `contextvars.ContextVar`), never to the module: threads
that share one model do not see each other's values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import Tensor, nn

from transformer_core.glass.arguments import checked

Listener = Callable[[str, Tensor], Tensor]
"""Called with a site's key and its tensor (with the batch axis); what it returns flows on."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


class HookPoint(nn.Module):
    """The identity, unless this context listens; then whatever the listener returns."""

    name = ""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, or the listener's answer to it."""
        listener = _listener.get()
        return x if listener is None else listener(self.name, x)

    # The module's own call machinery costs ten times the identity, and a trace has a hundred hook points.
    __call__ = forward


@checked()
@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` see every hook point that is passed in this context, until the block ends.

    Args:
        listener: gets the site's key and the tensor. Returning the same tensor observes; returning another one edits.
            It must not write into the tensor it gets: masks and positions are shared by all runs.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def is_listening() -> bool:
    """Whether somebody listens in this context."""
    return _listener.get() is not None


def name_hook_points(model: nn.Module) -> None:
    """Give every hook point of `model` its module path as its name: the site's key."""
    for path, module in model.named_modules():
        if isinstance(module, HookPoint):
            module.name = path


def find_children_fast(model: nn.Module) -> None:
    """Let Python itself find the children of every module, by their names, as it finds plain attributes.

    `nn.Module` keeps them in a table that it searches only after Python's own search has failed, which takes ten times
    as long; a pass looks up hundreds. The table stays, and with it all that PyTorch does with it.
    """
    for module in model.modules():
        vars(module).update(module.named_children())
