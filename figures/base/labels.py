"""How positions and numbers are written, in every figure and panel."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from figures.base.theme import Theme
from transformer_core.glass.words import Word

MINUS = "\N{MINUS SIGN}"
MAX_TICKS = 32


def number(x: float, digits: int = 3) -> str:
    """Return `x` as a reader would write it: 1.234, −0.05, 1.2e−07, −∞."""
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else f"{MINUS}∞"
    x += 0.0  # a zero without a sign: 0 times a negative number is -0.0
    text = f"{x:.{digits}f}" if x == 0 or 10**-digits <= abs(x) < 1e5 else f"{x:.{digits - 1}e}"
    return text.replace("-", MINUS)


def percent(p: float) -> str:
    """Return a share in percent, one that is small with its first digit: 12.3 %, 0.04 %, 2e-05 %."""
    return f"{100 * p:.1f} %" if p >= 0.001 or p == 0 else f"{100 * p:.1g} %"


def plain_rows(tokens: Sequence[str | Word], written: Sequence[str | Word | None] = ()) -> list[str]:
    """Return one line of text per position: `3 cat`, and for a decoder row what it reads and writes: `3 a → cat`.

    None is written where a position says nothing of its own.
    """
    pairs = zip(tokens, written or [None] * len(tokens), strict=True)
    return [_row(i, token, word) for i, (token, word) in enumerate(pairs)]


def plain_row(i: int, tokens: Sequence[str | Word], written: Sequence[str | Word | None] = ()) -> str:
    """Return one such line alone: of a long text there are hundreds."""
    return _row(i, tokens[i], written[i] if written else None)


def _row(i: int, token: str | Word, written: str | Word | None) -> str:
    return f"{i} {_text(token)}{'' if written is None else f' → {_text(written)}'}"


def tick_labels(tokens: Sequence[Word], colours: Theme, written: Sequence[Word | None] = ()) -> list[str]:
    """Return the same as safe pseudo-HTML for Plotly's ticks: special tokens grey and slanted, written words bold."""
    labels = [f"{i} {bare_label(token, colours)}" for i, token in enumerate(tokens)]
    if not written:
        return labels
    arrows = ["" if word is None else f" → <b>{bare_label(word, colours)}</b>" for word in written]
    return [label + arrow for label, arrow in zip(labels, arrows, strict=True)]


def visible_ticks(n: int) -> list[int]:
    """Return the positions that get a tick: all up to 32, then every k-th, because ticks are what makes charts slow."""
    return list(range(0, n, max(1, math.ceil(n / MAX_TICKS))))


def bare_label(word: Word, colours: Theme) -> str:
    """Return a word as safe pseudo-HTML, without a position."""
    text = html.escape(word.text, quote=False)  # Plotly would show &quot; as it is
    return f'<i style="color:{colours.special}">{text}</i>' if word.special else text


def _text(word: str | Word) -> str:
    return word if isinstance(word, str) else word.text
