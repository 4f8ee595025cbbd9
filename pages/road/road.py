"""Page: the whole road to the Transformer as one picture, which the reader's sentence travels."""

from __future__ import annotations

from ui.frame.page import Page
from ui.road.whole import show_road
from ui.state.road import PAGES, WHOLE

PAGE = Page(WHOLE, PAGES[0])
PAGE.show(lambda view, trace: show_road(PAGE, view), without=lambda view: show_road(PAGE, view))
