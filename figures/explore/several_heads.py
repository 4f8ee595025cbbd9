"""Where the heads of one layer look from one word: the example that shows why there are several."""

from __future__ import annotations

from dataclasses import dataclass

from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, key_of


@dataclass(frozen=True)
class Look:
    """From one word.

    Attributes:
        row: the word that looks: the one that is written, where a row looks for that.
        most: of each head the word at which it looks most, and with what weight.
    """

    row: str
    most: tuple[tuple[str, float], ...]


def looks(trace: Trace, block: Block) -> Look | None:
    """Return the row in which the heads of a block disagree most, looking at most words; None if there is one head."""
    if attention_facts(block).heads < 2:
        return None
    weights = trace[key_of(block, "weights")]  # [H, Q, K]
    asking, answering = trace.site(key_of(block, "weights")).sides[-2:]
    assert asking is not None
    assert answering is not None
    asks, answers = trace.words_of(asking), trace.words_of(answering).read
    rows = asks.written if block.memory and asks.written else asks.read
    best = weights.argmax(axis=2)  # [H, Q]
    apart = [
        (len(set(best[:, q].tolist())), not rows[q].special, float(weights[:, q].max(axis=1).min()))
        for q in range(len(rows))
    ]
    row = max(range(len(rows)), key=lambda q: apart[q])
    most = [(answers[int(best[h, row])].text, float(weights[h, row, best[h, row]])) for h in range(len(best))]
    return Look(rows[row].text, tuple(most))
