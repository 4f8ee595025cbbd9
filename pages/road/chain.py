"""Page: one sentence through three recurrent cells, and what becomes of a word many steps later."""

from __future__ import annotations

from ui.frame.page import Page
from ui.parts.stepper import Road
from ui.road.chain.lanes import choose_edits
from ui.road.chain.stop import OPTIONS, chain_end, chain_extras, chain_pictures
from ui.state.road import next_stop

PAGE = Page("chain", next_stop("chain"), options=OPTIONS)
Road(PAGE, "cell", choose_edits, chain_extras, pictures=chain_pictures(), end=chain_end).show()
