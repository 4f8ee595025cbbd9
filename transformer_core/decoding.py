"""From logits to words: greedy decoding with a KV cache."""

from __future__ import annotations

import torch
from torch import Tensor

from transformer_core.model import Transformer


@torch.inference_mode()
def greedy(model: Transformer, source: Tensor, *, max_length: int | None = None) -> list[list[int]]:
    """Return for each source the ids that the model writes when it always takes the most probable word.

    Args:
        model: an encoder-decoder model in eval mode.
        source: ids [B, S], padded on the right.
        max_length: at most this many words; the model's own limit by default.

    Returns:
        B lists without <s>, ending in </s> unless the limit came first.
    """
    config = model.config
    limit = config.max_length if max_length is None else min(max_length, config.max_length)
    memory, caches = model.encode(source), model.new_caches()
    read = torch.full((source.shape[0], 1), config.bos_id, device=source.device)
    written, open_rows = [read[:, :0]], torch.ones(source.shape[0], dtype=torch.bool, device=source.device)
    for _ in range(limit):
        logits = model.head(model.decode(read, memory, source, caches))[:, -1]
        # A row that has ended goes on with padding, so that the batch stays a matrix.
        read = torch.where(open_rows, logits.argmax(dim=-1), config.pad_id)[:, None]
        written.append(read)
        open_rows &= read[:, 0] != config.eos_id
        if not open_rows.any():
            break
    return [_until_end(row, config.eos_id) for row in torch.cat(written, dim=1).tolist()]


def _until_end(ids: list[int], eos_id: int) -> list[int]:
    return ids[: ids.index(eos_id) + 1] if eos_id in ids else ids
