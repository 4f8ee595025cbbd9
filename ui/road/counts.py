"""What the stop of counting shows."""

from __future__ import annotations

from collections.abc import Mapping

from transformer_core.glass.trace import Trace
from ui.parts.stepper import Extra
from ui.road.stop import show_lives
from ui.state.view import View

PAGE = "counts"


def choose_reading(view: View, trace: Trace) -> None:
    """Draw the choice of how the tables are read."""


def counts_pictures() -> Mapping[str, Extra]:
    """Return the pictures of the stops."""
    return {}


def counts_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops show below their pictures."""
    return {}


def counts_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop."""
    show_lives(PAGE, view)
