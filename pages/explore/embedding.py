"""Page: how words become vectors, and how their positions get into them."""

from __future__ import annotations

from ui.explore.embedding import EMBEDDING_OPTIONS, embedding_extras
from ui.frame.page import Page
from ui.parts.choosers import choose_side
from ui.parts.stepper import Road

Road(Page("embedding", options=EMBEDDING_OPTIONS), "tokens", choose_side, embedding_extras).show()
