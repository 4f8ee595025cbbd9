"""Page: from the last vectors to words: logits, probabilities, and the same readout after every layer."""

from __future__ import annotations

from ui.output import DEGREE, choose_nothing, output_extras
from ui.road import show_road

show_road("output", "probs", choose_nothing, output_extras, DEGREE, needs="output")
