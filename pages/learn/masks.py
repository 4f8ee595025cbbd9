"""Page: the mask laboratory. Who may see whom, drawn by the reader, and what the model makes of it."""

from __future__ import annotations

from ui.frame.page import Page
from ui.frame.path import CAUSAL
from ui.learn.masks.choice import LAB
from ui.learn.masks.laboratory import show_laboratory

PAGE = Page("masks", "what_if", LAB, looks_at=CAUSAL)
PAGE.show(lambda view, trace: show_laboratory(PAGE.name, view, trace))
