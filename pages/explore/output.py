"""Page: from the last vectors to words: logits, probabilities, and the same readout after every layer."""

from __future__ import annotations

from ui.explore.output import DEGREE, choose_nothing, output_extras
from ui.parts.stepper import show_road

show_road("output", "probs", choose_nothing, output_extras, DEGREE)
