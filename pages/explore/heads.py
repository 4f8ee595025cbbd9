"""Page: all heads of one kind of attention at once, one of them large, searched by what they do, and compared."""

from __future__ import annotations

from ui.explore.heads import OPTIONS, show_heads, start
from ui.frame.page import Page

PAGE = Page("heads", options=OPTIONS)
PAGE.show(lambda view, trace: show_heads(PAGE.name, start()))
