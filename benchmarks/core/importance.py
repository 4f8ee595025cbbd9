"""All heads of a translation model switched off one by one, against one traced batch of as many sentences."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks import shapes
from benchmarks.results import Row
from benchmarks.timing import interleaved
from transformer_core.glass.hooks import listening
from transformer_core.studies.heads.head_table import all_heads
from transformer_core.studies.importance import HeadImportance, head_importance
from transformer_core.transformer.model import Transformer
from transformer_core.transformer.plans import transformer_plan


def importance_rows(rounds: int = 15) -> list[Row]:
    """Return the row of the heads' importance on one sentence."""
    shape = shapes.SMALL
    torch.manual_seed(0)
    config = shape.config()
    model, heads = Transformer(config).eval(), all_heads(transformer_plan(config))
    source, target = torch.randint(3, shape.vocab_size, (2, shape.n_tokens))
    batches = [ids.expand(len(heads), -1) for ids in (source, target)]

    @torch.inference_mode()
    def traced() -> dict[str, Tensor]:
        values: dict[str, Tensor] = {}
        with listening(values.setdefault):
            model(*batches)
        return values

    def importance() -> HeadImportance:
        return head_importance(model, source.tolist(), target.tolist())

    timing = interleaved({"importance": importance, "traced": traced}, rounds)
    what = f"importance of {len(heads)} heads / one traced batch of {len(heads)}: both stacks, {shape}"
    return [Row("importance", what, 3.0, timing.ratio("importance", "traced"))]
