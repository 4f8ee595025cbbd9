"""The form in which a text is read: whatever looks the same is written the same."""

from __future__ import annotations

import re
import unicodedata

from transformer_core.glass.guards.arguments import text as plain_text
from transformer_core.text.contractions import expand

_SURROGATES = re.compile("[\ud800-\udfff]")


def normalise(text: str, language: str) -> str:
    """The text in NFC, white space as single spaces, none at the ends; with lone surrogates as U+FFFD.

    For English and French the typographic apostrophe U+2019 is written ', and English contractions are written out as
    the table in `contractions.py` says. Nothing else is changed; doing it twice changes nothing more.
    """
    text = plain_text("text", text)
    text = " ".join(unicodedata.normalize("NFC", _SURROGATES.sub("\ufffd", text)).split())
    if language in ("en", "fr"):
        text = text.replace("\u2019", "'")
    return expand(text) if language == "en" else text
