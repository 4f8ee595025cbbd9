"""Page: how words become vectors, and how their positions get into them."""

from __future__ import annotations

from ui.embedding import EMBEDDING_OPTIONS, embedding_extras
from ui.head import choose_side
from ui.road import show_road

show_road("embedding", "tokens", choose_side, embedding_extras, *EMBEDDING_OPTIONS)
