"""The runs of a patching walk, each computed once for all sessions, and a patch as an edit for every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from transformer_core.edits.parse import Patch
from transformer_core.studies.patching import Contrast, Quantity, by_site, contrast, patch_places, restored
from ui.state.models import get_model
from ui.state.shared.once import Once

Array = NDArray[Any]
AT_ONCE = 24  # patches of one batch
KEPT_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Pair:
    """What identifies a walk."""

    model: str
    first: str
    second: str
    quantity: Quantity


def contrast_of(pair: Pair) -> Contrast:
    """Return the two runs of a pair; errors as in `patching.contrast`, and those of its sentences."""
    return _contrasts().get(pair)


def shares_of(pair: Pair, n: int) -> dict[str, Array]:
    """Return what the first `n` patches restore, by site; NaN where a patch comes later."""
    parts = [_parts().get((pair, start)) for start in range(0, n, AT_ONCE)]
    return by_site(contrast_of(pair), np.concatenate([np.zeros(0), *parts])[:n])


def some_more(pair: Pair, done: int) -> int:
    """Compute the next patches behind those that are done; return how many are done then."""
    return done + len(_parts().get((pair, done)))


def words_of_first(pair: Pair) -> str:
    """Return what the model writes for the first sentence, as text."""
    tokenizer = get_model(pair.model).target_tokenizer
    assert tokenizer is not None
    return tokenizer.decode(list(contrast_of(pair).first_words))


def as_edit(pair: Pair, site: str, position: int) -> tuple[str, str, Patch]:
    """Return a cell of the map as a run with an edit: the source, the target, and the edit.

    In this run the same vectors are copied, and what decides the cell is read from the same words: for the logits the
    second sentence's own up to where the two part, for the loss those of the first.
    """
    takes = "translates" in get_model(pair.model).abilities
    target = words_of_first(pair) if pair.quantity == "loss" and takes else ""
    return pair.second, target, Patch(site, (position,), pair.first)


@st.cache_resource(show_spinner=False)
def _contrasts() -> Once[Pair, Contrast]:
    def compute(pair: Pair) -> Contrast:
        glass = get_model(pair.model)
        return contrast(glass.model, glass.read_ids(pair.first), glass.read_ids(pair.second), pair.quantity)

    return Once(compute, lambda found: sum(x.nbytes for x in found.values.values()), KEPT_BYTES)


@st.cache_resource(show_spinner=False)
def _parts() -> Once[tuple[Pair, int], Array]:
    def compute(asked: tuple[Pair, int]) -> Array:
        pair, start = asked
        found = contrast_of(pair)
        places = patch_places(found)[start : start + AT_ONCE]
        return restored(get_model(pair.model).model, found, [{key: [position]} for key, position in places])

    return Once(compute, lambda shares: shares.nbytes, KEPT_BYTES)
