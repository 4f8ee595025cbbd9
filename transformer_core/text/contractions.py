"""English contractions, written out: one table, so that one cell on the screen is one word.

The table is applied from top to bottom until nothing changes, so `expand(expand(text)) == expand(text)`. What is not in
it stays as it is: every possessive ("Tom's book", "the boys' room"), "o'clock", "ain't". "'s" is written out only
behind the words listed, where it is hardly ever a possessive. Only the next word is looked at: "he's been" is "he has
been", but "he's gone" and "I'd seen" become "he is gone" and "I would seen", because that needs grammar.
"""

import re
from functools import partial

S_WORDS = "it|he|she|that|what|who|there|here|where|how"
NOT_WORDS = "do|does|did|is|are|was|were|has|have|had|would|could|should|might|must|need|ought|dare"

# (what stands before, the contraction, what must follow, the contraction written out)
CONTRACTIONS: tuple[tuple[str, str, str, str], ...] = (
    ("ca", "n't", "", "nnot"),
    ("w", "on't", "", "ill not"),
    ("sha", "n't", "", "ll not"),
    (NOT_WORDS, "n't", "", " not"),
    ("let", "'s", "", " us"),
    (S_WORDS, "'s", " (?:been|got)", " has"),
    (S_WORDS, "'s", "", " is"),
    ("i", "'m", "", " am"),
    (r"\w+", "'re", "", " are"),
    (r"\w+", "'ve", "", " have"),
    (r"\w+", "'ll", "", " will"),
    (r"\w+", "'d", " (?:better|been)", " had"),
    (r"\w+", "'d", "", " would"),
)


def expand(text: str) -> str:
    """The text with its contractions written out; capitals stay: "Don't" is "Do not", "LET'S" is "LET US"."""
    before = None
    while before != text:  # "shouldn't've" takes two rounds; every replacement removes an apostrophe, so this ends
        before = text
        if "'" in text:
            for pattern, full in _RULES:
                text = pattern.sub(partial(_written_out, full), text)
    return text


def _written_out(full: str, found: re.Match[str]) -> str:
    before, contraction = found.groups()
    return before + (full.upper() if contraction.isupper() else full)


def _compile(before: str, contraction: str, after: str) -> re.Pattern[str]:
    follows = rf"(?={after}\b)" if after else ""
    return re.compile(rf"\b({before})({contraction})\b{follows}", re.IGNORECASE)


_RULES = tuple((_compile(before, short, after), full) for before, short, after, full in CONTRACTIONS)
