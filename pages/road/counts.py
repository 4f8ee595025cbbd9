"""Page: counting what came next, and what becomes of the words that never did."""

from __future__ import annotations

from ui.frame.page import Page
from ui.parts.stepper import Road
from ui.road.counts import COUNT, COUNTS_OPTIONS, choose_counts, counts_end, counts_extras, counts_pictures
from ui.state.road import next_stop

PAGE = Page("counts", next_stop("counts"), options=COUNTS_OPTIONS)
Road(PAGE, COUNT, choose_counts, counts_extras, pictures=counts_pictures(), end=counts_end).show()
