"""What an attention head does, as numbers: the measures of heads, defined in one table. Reads a trace, needs no torch.

A measure is worked out for every row (query), and the number of a head is the mean over the rows that count. A row
counts if the head had a choice there, that is at least two keys that the mask allows (row 0 of a causal block has only
one: whatever the head is like, its weight is 1), and if what is measured exists there: the first word has no previous
one. What counts nowhere is NaN, never 0.

Letters: H head, Q query position, K key position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.trace import Trace
from transformer_core.studies.errors import UnknownMeasureError
from transformer_core.studies.heads import head_rows
from transformer_core.studies.heads.attention_blocks import BOTH_WAYS, CAUSAL, CROSS, block_kind, find_block
from transformer_core.studies.heads.head_rows import Rows

Array = NDArray[Any]
Pair = tuple[int, int]  # (source position, position of the written word)


@dataclass(frozen=True)
class Measure:
    """One measure of attention heads.

    Attributes:
        name: its name in tables and links.
        axes: of what it reads and what it gives; the mean over Q is the number of a head.
        blocks: the kinds of attention block for which it means something: what their queries see.
        latex: its formula for one row q, with weights alpha.
        source: paper, and section where it helps.
        unit: "nats", "share", "positions", or "" for a plain number.
        low, high: its range; high is None where it grows with the sentence.
        rows: the function from what is read to [H, Q].
    """

    name: str
    axes: str
    blocks: tuple[str, ...]
    latex: str
    source: str
    unit: str
    low: float
    high: float | None
    rows: Callable[[Rows], Array]


def find_measure(name: str) -> Measure:
    """Return the measure with this name.

    Raises:
        UnknownMeasureError: if there is none; the message names the nearest.
    """
    if not isinstance(name, str) or name not in MEASURES:
        nearest = get_close_matches(str(name), MEASURES, n=3, cutoff=0.4) or list(MEASURES)[:3]
        raise UnknownMeasureError(
            f"{name!r} is not a measure of heads; the nearest are {', '.join(nearest)}", name=name, nearest=nearest
        )
    return MEASURES[name]


@checked()
def measure(trace: Trace, block: str, alignment: Iterable[Pair] | None = None) -> dict[str, Array]:
    """Return every measure that applies to a block, for each of its heads; NaN where this sentence cannot tell.

    Args:
        trace: of one sentence (pair), without padding.
        block: the path of an attention block.
        alignment: which source position belongs to which written word; row t writes word t. Only cross-attention
            is compared with it.

    Shapes: name -> [H].

    Raises:
        UnknownSiteError: if the model has no such block; the message names the nearest.
        AlignmentError: if the alignment names a position that the sentence does not have.
    """
    read = read_rows(trace, block, alignment)
    kind = block_kind(find_block(trace.plan, block))
    return {name: head_rows.mean(one.rows(read)) for name, one in MEASURES.items() if kind in one.blocks}


def read_rows(trace: Trace, block: str, alignment: Iterable[Pair] | None = None) -> Rows:
    """Return what the measures read of a block; arguments and errors as in `measure`."""
    found = find_block(trace.plan, block)
    weights, allowed = trace[f"{block}.weights"].astype(np.float64), trace[f"{block}.mask"]
    keys = trace.plan.words(found.memory or found.words)
    aligned = None
    if alignment is not None and block_kind(found) == CROSS:
        aligned = head_rows.marks(alignment, allowed.shape)
    return Rows(weights, allowed, trace[keys.tokens], aligned, keys.ends)


_SELF, _ANY = (BOTH_WAYS, CAUSAL), (BOTH_WAYS, CAUSAL, CROSS)
_CLARK = "Clark et al. 2019, What Does BERT Look At?, section 3."
_VIG = "Vig & Belinkov 2019, Analyzing the Structure of Attention in a Transformer Language Model"
_ALIGNMENT = "Kobayashi et al. 2020, Attention is Not Only a Weight: word alignment from attention"


def _share(name: str, blocks: tuple[str, ...], keys: str, source: str, rows: Callable[[Rows], Array]) -> Measure:
    """A measure that is the weight on some of the keys."""
    return Measure(name, "HQK -> HQ", blocks, keys, source, "share", 0, 1, rows)


# The one table of all measures, by name.
MEASURES: Mapping[str, Measure] = {
    one.name: one
    for one in (
        Measure(
            "entropy",
            "HQK -> HQ",
            _ANY,
            r"H_q = -\sum_k \alpha_{qk} \ln \alpha_{qk}",
            f"{_CLARK}3",
            "nats",
            0,
            None,
            head_rows.entropy,
        ),
        Measure(
            "entropy_normalised",
            "HQK -> HQ",
            _ANY,
            r"H_q / \ln n_q, \quad n_q = \text{number of keys allowed}",
            "Shannon 1948, A Mathematical Theory of Communication: what it calls the relative entropy",
            "",
            0,
            1,
            head_rows.normalised_entropy,
        ),
        Measure(
            "distance",
            "HQK -> HQ",
            _SELF,
            r"\sum_k \alpha_{qk} \, |q - k|",
            _VIG,
            "positions",
            0,
            None,
            head_rows.distance,
        ),
        _share("previous", _SELF, r"\alpha_{q,\,q-1}", f"{_CLARK}1", head_rows.offset(-1)),
        _share("next", (BOTH_WAYS,), r"\alpha_{q,\,q+1}", f"{_CLARK}1", head_rows.offset(1)),
        _share("same", _SELF, r"\alpha_{q,\,q}", f"{_CLARK}1", head_rows.offset(0)),
        _share("first", _ANY, r"\alpha_{q,\,0}", _VIG, head_rows.first),
        _share(
            "separator",
            (BOTH_WAYS, CROSS),
            r"\sum_{k:\, x_k = \text{</s>}} \alpha_{qk}",
            f"{_CLARK}2",
            head_rows.separator,
        ),
        _share(
            "twins",
            _SELF,
            r"\sum_{k \neq q:\, x_k = x_q} \alpha_{qk}",
            "Wang et al. 2022, Interpretability in the Wild: duplicate token heads",
            head_rows.twins,
        ),
        _share(
            "induction",
            (CAUSAL,),
            r"\sum_{k < q:\, x_{k-1} = x_q} \alpha_{qk}",
            "Olsson et al. 2022, In-context Learning and Induction Heads: prefix matching",
            head_rows.induction,
        ),
        Measure(
            "diagonality",
            "HQK -> HQ",
            (CROSS,),
            r"1 - \frac{\sum_k \alpha_{qk} \, d_{qk}}{\max_k d_{qk}}, \quad"
            r" d_{qk} = \left| \frac{q}{Q-1} - \frac{k}{K-1} \right|",
            "after Zhang et al. 2021, On the Usefulness of Self-Attention for Automatic Speech Recognition with "
            "Transformers; here for two lengths",
            "",
            0,
            1,
            head_rows.diagonality,
        ),
        _share(
            "aligned",
            (CROSS,),
            r"\left[ \arg\max_k \alpha_{qk} \in A_q \right], \quad A_q = \text{source words of the written word}",
            _ALIGNMENT,
            head_rows.aligned,
        ),
        _share("aligned_weight", (CROSS,), r"\sum_{k \in A_q} \alpha_{qk}", _ALIGNMENT, head_rows.aligned_weight),
    )
}
