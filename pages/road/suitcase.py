"""Page: a sentence squeezed into one vector, and the look back that needs no such vector."""

from __future__ import annotations

from ui.frame.page import Page
from ui.parts.stepper import Road
from ui.road.suitcase.stop import OPTIONS, choose_side_and_edit, suitcase_end, suitcase_extras
from ui.state.places import TOLD
from ui.state.road import next_stop

PAGE = Page("suitcase", next_stop("suitcase"), options=OPTIONS)
Road(PAGE, TOLD, choose_side_and_edit, suitcase_extras, end=suitcase_end).show()
