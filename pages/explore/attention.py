"""Page: inside one attention block, from Q, K and V to the weights, what they carry, and what the heads write."""

from __future__ import annotations

from ui.explore.attention import attention_extras
from ui.frame.page import Page
from ui.parts.choosers import choose_head
from ui.parts.stepper import Road
from ui.parts.stop_maps import LOOK

Road(Page("attention", options=(LOOK,)), "q", choose_head, attention_extras).show()
