"""Page: a table gives each word a vector, and a small network reads a window of them."""

from __future__ import annotations

from ui.frame.page import Page
from ui.parts.stepper import Road
from ui.road.table import LOOKUP, TABLE_OPTIONS, choose_row, table_end, table_extras, table_pictures
from ui.state.road import next_stop

PAGE = Page("table", next_stop("table"), options=TABLE_OPTIONS)
Road(PAGE, LOOKUP, choose_row, table_extras, pictures=table_pictures(), end=table_end).show()
