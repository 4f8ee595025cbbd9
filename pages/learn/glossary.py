"""Page: all terms of the field, each in two sentences, with the pages on which it matters."""

from __future__ import annotations

from ui.frame.page import Page
from ui.learn.glossary import show_glossary

PAGE = Page("glossary", "architecture")
PAGE.show(lambda view, trace: show_glossary(PAGE, view, trace), without=lambda view: show_glossary(PAGE, view, None))
