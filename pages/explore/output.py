"""Page: from the last vectors to words: logits, probabilities, and the same readout after every layer."""

from __future__ import annotations

from ui.explore.output import DEGREE, choose_nothing, output_extras
from ui.frame.page import Page
from ui.parts.stepper import Road

Road(Page("output", options=(DEGREE,), needs="output"), "probs", choose_nothing, output_extras).show()
