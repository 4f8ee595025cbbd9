"""One sentence through several recurrent cells, as plain data for its picture: gates and states of a few units.

Letters: L position, D width of a state, U units that are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import with_role

SHOWN: Mapping[str, tuple[str, ...]] = {"rnn": ("h",), "gru": ("r", "z", "h"), "lstm": ("f", "i", "o", "c", "h")}
GATES, STATES = "rzfio", "hc"
UNITS = 9


def cell_path(trace: Trace) -> str:
    """Return the path of the cell of a recurrent network."""
    (block,) = with_role(trace.plan, "recurrent")
    return block.path


def busiest_units(trace: Trace, n: int = UNITS) -> tuple[int, ...]:
    """Return the units whose state changes most along the sentence, in their own order."""
    h = trace[f"{cell_path(trace)}.h"]
    order = np.argsort(-h.std(axis=0), kind="stable")[:n]
    return tuple(sorted(int(unit) for unit in order))


def blocks_of_lane(
    trace: Trace, units: Sequence[int], names: Mapping[str, str], by_hand: Mapping[str, Mapping[int, float]]
) -> list[dict[str, Any]]:
    """Return the strips of a cell.

    Args:
        trace: of a recurrent network.
        units: that are drawn.
        names: what each gate and state is called, by its letter.
        by_hand: rows that an edit set to 0 or 1, each with that number, by key.

    Returns:
        for each strip: key, letter, name, gate (whether it is one), values [L, U], means over all units [L], and the
        rows that are closed and opened by hand.
    """
    path, found = cell_path(trace), []
    for letter in SHOWN[trace.plan.kind]:
        key = f"{path}.{letter}"
        value = trace[key]
        found.append(
            {
                "key": key,
                "letter": letter,
                "name": names[letter],
                "gate": letter in GATES,
                "values": np.round(value[:, list(units)].astype(float), 3).tolist(),
                "means": np.round(value.astype(float).mean(axis=1), 3).tolist(),
                "closed": [row for row, number in by_hand.get(key, {}).items() if not number],
                "opened": [row for row, number in by_hand.get(key, {}).items() if number],
            }
        )
    return found
