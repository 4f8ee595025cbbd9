"""Page: one layer as a road, from what it reads to what it hands on."""

from __future__ import annotations

from ui.explore.layer import choose_place, layer_extras, show_lead
from ui.frame.page import Page
from ui.parts.stepper import Road

Road(Page("layer"), "input", choose_place, layer_extras, show_lead).show()
