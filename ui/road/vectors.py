"""What the stop of word vectors shows."""

from __future__ import annotations

from collections.abc import Mapping

from transformer_core.glass.trace import Trace
from ui.parts.stepper import Extra
from ui.road import analogies, pulling, word_map
from ui.road.stop import show_lives
from ui.state.view import View

PAGE = "vectors"
OPTIONS = (*pulling.OPTIONS, word_map.GROUPS, word_map.WORD, *analogies.OPTIONS)


def choose_nothing(view: View, trace: Trace) -> None:
    """Draw no choices: the model has no layers."""


def vectors_pictures() -> Mapping[str, Extra]:
    """Return the pictures of the stops."""
    return {"near": pulling.show_step}


def vectors_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops show below their pictures, and the stops that show no value."""
    return {"map": word_map.show_map, "analogy": analogies.show_analogy, "senses": analogies.show_senses}


def vectors_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop."""
    show_lives(PAGE, view)
