"""Page: watch the decoder write, one word per step, forward and back."""

from __future__ import annotations

from ui.decode.unfold import OPTIONS, show_decoding, words_of
from ui.frame.page import Page

PAGE = Page("unfold", "forcing", OPTIONS, needs="writes", steps=True, words=words_of)
PAGE.show(lambda view, trace: show_decoding(PAGE, view))
