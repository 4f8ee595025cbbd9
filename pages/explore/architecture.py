"""Page: the whole model as one picture, in which the reader's sentence flows. The home of the app."""

from __future__ import annotations

from ui.explore.architecture import show_map
from ui.frame.page import Page

PAGE = Page("architecture")
PAGE.show(lambda view, trace: show_map(PAGE, view, trace))
