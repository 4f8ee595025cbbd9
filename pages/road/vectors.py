"""Page: a vector for each word, from the words that stand around it."""

from __future__ import annotations

from ui.frame.page import Page
from ui.parts.stepper import Road
from ui.road.vectors.stop import OPTIONS, choose_nothing, vectors_end, vectors_extras, vectors_pictures
from ui.state.road import next_stop

PAGE = Page("vectors", next_stop("vectors"), options=OPTIONS)
Road(PAGE, "near", choose_nothing, vectors_extras, pictures=vectors_pictures(), end=vectors_end).show()
