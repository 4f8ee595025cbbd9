"""Page: how the next word is chosen: beam search as a tree, and sampling through its filters."""

from __future__ import annotations

from ui.decode.search import OPTIONS, show_search
from ui.frame.page import Page

PAGE = Page("search", "masks", OPTIONS, needs="writes")
PAGE.show(lambda view, trace: show_search(PAGE))
