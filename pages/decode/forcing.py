"""Page: the same model on the right words and on its own, position by position, until the two part."""

from __future__ import annotations

from ui.decode.forcing import show_forcing
from ui.frame.page import Page

PAGE = Page("forcing", "search", needs="writes", steps=True)
PAGE.show(lambda view, trace: show_forcing(PAGE, view))
