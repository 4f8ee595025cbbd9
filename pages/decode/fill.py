"""Page: words are hidden, and a model that reads both sides of a gap says what could stand there."""

from __future__ import annotations

from ui.decode.fill import OPTIONS, show_filling
from ui.frame.page import Page

PAGE = Page("fill", "masks", OPTIONS, needs="fills")
PAGE.show(lambda view, trace: show_filling(PAGE))
