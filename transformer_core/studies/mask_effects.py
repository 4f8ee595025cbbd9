"""What a mask does to a run: another mask put in place, words from the future that come through, padding let in.

Letters: S source position, P padding, Q query position, K key position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from transformer_core.glass.abilities import encoder_of, require
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.hooks import Listener
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, has_output, logits_key, probs_key, stack_out, with_role

Array = NDArray[Any]


@dataclass(frozen=True)
class Padding:
    """One sentence with padding behind it, with the mask that hides the padding and without.

    Attributes:
        masked, open: how far the encoder's output at the real positions is from that of the sentence alone, with the
            mask and without: the largest difference, relative to the largest number.
        weight: what share of a real encoder row's weights lies on padding without the mask, the mean over all heads.
        masked_words, open_words: at how many positions of what is written (in a model without a decoder, of the
            sentence) another word than the sentence's own is the most probable one; None where nothing is said.
    """

    masked: float
    open: float
    weight: float
    masked_words: int | None
    open_words: int | None


def with_masks(masks: Mapping[str, Array]) -> Listener:
    """Return a listener that puts these masks in place of those of their blocks.

    Args:
        masks: bool [Q, K] by the block's path.
    """
    tensors = {f"{path}.mask": torch.tensor(np.asarray(mask, dtype=bool))[None] for path, mask in masks.items()}
    return lambda key, x: tensors[key].to(x.device).expand_as(x) if key in tensors else x


@checked()
def future_seen(
    model: LanguageModel, source: Sequence[int] | None, read: Sequence[int], other: int, edit: Listener | None = None
) -> float:
    """Return how much a later word changes what is said before it: 0 under a causal mask.

    Args:
        model: one that writes.
        source: what the encoder reads; None without one.
        read: what the decoder reads; its last word is replaced.
        other: the id that takes its place.
        edit: a listener, as for `run_with_trace`.

    Returns:
        The largest change of a probability in the rows before the last; 0 if there are none.

    Raises:
        AbilityError: if the model does not write.
    """
    require("writes", model.plan)
    key = probs_key(model.plan)
    runs = [run_with_trace(model, source, [*read[:-1], last], edit=edit)[key] for last in (read[-1], other)]
    return float(np.abs(runs[1][:-1] - runs[0][:-1]).max(initial=0.0))


@checked()
def compare_padding(model: LanguageModel, source: Sequence[int], read: Sequence[int] | None, n_pads: int) -> Padding:
    """Return what padding behind a sentence does to the values at its real positions, with the mask and without.

    Args:
        model: one with an encoder; behind a causal mask padding on the right changes nothing.
        source: what the encoder reads.
        read: what the decoder reads; None without one.
        n_pads: how many ids of padding stand behind the source, at least 1.

    Raises:
        TargetError: if the model has no encoder.
        ShapeError: if source and padding together are longer than the model can read.
    """
    stack, plan = encoder_of(model.plan), model.plan
    padded = [*source, *[model.config.pad_id] * n_pads]
    alone = run_with_trace(model, source, read)
    masked, unmasked = (run_with_trace(model, padded, read, edit=edit) for edit in (None, _seeing_padding(plan)))
    real, own = slice(len(source)), [block for block in with_role(plan, "attention") if block.stack == stack]
    weights = [unmasked[f"{block.path}.weights"][:, real, len(source) :].sum(axis=-1) for block in own]
    out = stack_out(plan, stack)
    return Padding(
        masked=_apart(alone[out], masked[out]),
        open=_apart(alone[out], unmasked[out]),
        weight=float(np.mean(weights)),
        masked_words=_other_words(alone, masked),
        open_words=_other_words(alone, unmasked),
    )


def _seeing_padding(plan: Plan) -> Listener:
    """Open the masks that hide padding: all but those of causal blocks."""
    hiding = {f"{block.path}.mask" for block in with_role(plan, "attention") if not attention_facts(block).causal}
    return lambda key, x: torch.ones_like(x) if key in hiding else x


def _apart(own: Array, padded: Array) -> float:
    return float(np.abs(padded[: len(own)] - own).max() / np.abs(own).max())


def _other_words(alone: Trace, padded: Trace) -> int | None:
    if not has_output(alone.plan):
        return None
    own, others = (trace[logits_key(trace.plan)].argmax(axis=1) for trace in (alone, padded))
    return int((own != others[: len(own)]).sum())
