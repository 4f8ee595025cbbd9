"""A row of the table, and the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.timing import Ratio


@dataclass(frozen=True)
class Row:
    """One goal and what was measured.

    Attributes:
        key: its name on the command line.
        what: the two sides of the ratio, or what is measured and its unit.
        goal: the ratio, or the number, must not be larger.
        measured: the ratio, or the number.
    """

    key: str
    what: str
    goal: float
    measured: Ratio

    @property
    def ok(self) -> bool:
        """Whether the median reaches the goal."""
        return self.measured.middle <= self.goal


def table(rows: Iterable[Row]) -> str:
    """Return the rows as aligned text under a heading."""
    lines = [("row", "what", "goal", "measured", "quartiles", "rounds", "")]
    for row in rows:
        m = row.measured
        quartiles = f"{m.low:.3f} .. {m.high:.3f}"
        verdict = "ok" if row.ok else "short"
        lines.append((row.key, row.what, f"{row.goal:.2f}", f"{m.middle:.3f}", quartiles, str(m.n_rounds), verdict))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)
