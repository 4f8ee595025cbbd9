"""The colours, read from the one file that the components' CSS reads too."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

THEME_FILE = Path(__file__).resolve().parents[2] / "assets" / "theme.json"
Mode = Literal["light", "dark"]
Scale = list[tuple[float, str]]


@dataclass(frozen=True)
class Theme:
    """The colours of one mode; what each means is the same in both.

    Attributes:
        q, k, v: query, key and value, everywhere.
        weights: six steps from 0 to 1 of attention weights and probabilities.
        negative, neutral, positive: of scores; neutral is zero.
        opposite: negative entries of q, k and v, whose positive entries have their own colour.
        source, target, special: words of either side, special tokens.
        blocked: cells that a mask blocks.
        selected: what the reader chose.
    """

    background: str
    text: str
    muted: str
    line: str
    q: str
    k: str
    v: str
    negative: str
    neutral: str
    opposite: str
    weights: tuple[str, ...]
    positive: str
    source: str
    target: str
    special: str
    blocked: str
    selected: str

    def sequential(self) -> Scale:
        """The colour scale of weights and probabilities, over 0 to 1."""
        return [(i / (len(self.weights) - 1), colour) for i, colour in enumerate(self.weights)]

    def diverging(self, name: str = "score") -> Scale:
        """The colour scale of signed values, zero in the middle; of "q", "k" or "v" in that one's colour."""
        low, high = (self.opposite, getattr(self, name)) if name in ("q", "k", "v") else (self.negative, self.positive)
        return [(0.0, low), (0.5, self.neutral), (1.0, high)]


@lru_cache(maxsize=2)
def theme(mode: Mode) -> Theme:
    """Return the colours of a mode."""
    values: dict[str, Any] = json.loads(THEME_FILE.read_text(encoding="utf-8"))[mode]
    return Theme(**{**values, "weights": tuple(values["weights"])})


def css_variables(mode: Mode) -> str:
    """Return the colours as CSS custom properties, `--gf-q: #0072B2; ...`."""
    colours = theme(mode)
    single = {field.name: getattr(colours, field.name) for field in fields(Theme)}
    return " ".join(f"--gf-{name}: {value};" for name, value in single.items() if isinstance(value, str))
