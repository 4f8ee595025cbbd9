"""How large a model is, and the reader's own ones opened when the app starts."""

from __future__ import annotations

from streamlit.logger import get_logger

from figures.base.labels import number
from transformer_core.glass.guards.budget import tokens_within
from transformer_core.models.glass import Glass
from ui.frame.text import t
from ui.state.models import get_model, most_bytes
from ui.state.shared.memory import free_bytes


def open_own(name: str) -> None:
    """Open one of the reader's own models; the log says how large it is, and how long a text it takes.

    Raises:
        GlassformerError: if it cannot be opened.
    """
    glass = get_model(name)
    n_parameters, size = size_of(glass)
    limit = min(glass.config.max_length, tokens_within(glass.plan, most_bytes() // 2))
    facts = {"parameters": f"{n_parameters:,}", "size": number(size / 2**20, 1)}
    get_logger(__name__).info(t("log.own", "en", name=name, limit=limit, free=number(free_bytes() / 2**30, 1), **facts))


def size_of(glass: Glass) -> tuple[int, int]:
    """Return how many parameters a model has, and the bytes that they take; a tied one counts once."""
    parameters = {id(p): p for p in glass.model.parameters()}.values()
    return sum(p.numel() for p in parameters), sum(p.numel() * p.element_size() for p in parameters)
