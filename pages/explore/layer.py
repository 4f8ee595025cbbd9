"""Page: one layer as a road, from what it reads to what it hands on."""

from __future__ import annotations

from ui.explore.layer import layer_extras, show_lead
from ui.frame.page import Page
from ui.parts.choosers import choose_side_and_layer
from ui.parts.stepper import Road

Road(Page("layer"), "input", choose_side_and_layer, layer_extras, show_lead).show()
