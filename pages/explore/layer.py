"""Page: one layer as a road, from what it reads to what it hands on."""

from __future__ import annotations

from ui.explore.layer import choose_place, layer_extras
from ui.parts.stepper import show_road

show_road("layer", "input", choose_place, layer_extras)
