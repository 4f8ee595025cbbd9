"""Page: one word in two sentences, and the two vectors that chains from both ends give it."""

from __future__ import annotations

from ui.frame.page import Page
from ui.parts.stepper import Road
from ui.road.context.stop import OPTIONS, choose_words, context_end, context_extras, context_pictures
from ui.state.places import IN_CONTEXT
from ui.state.road import next_stop

PAGE = Page("context", next_stop("context"), options=OPTIONS)
Road(PAGE, IN_CONTEXT, choose_words, context_extras, pictures=context_pictures(), end=context_end).show()
