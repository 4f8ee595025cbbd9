"""Page: how words become vectors, and how their positions get into them."""

from __future__ import annotations

from ui.explore.embedding import EMBEDDING_OPTIONS, embedding_extras
from ui.parts.choosers import choose_side
from ui.parts.stepper import show_road

show_road("embedding", "tokens", choose_side, embedding_extras, *EMBEDDING_OPTIONS)
