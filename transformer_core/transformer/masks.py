"""Attention masks: who may attend to whom. True = may attend; a blocked score becomes -inf.

A row of a mask is a query and a column is a key. A row that may attend to nothing has no softmax (it would be NaN), so
it is refused here and never repaired afterwards.

Letters: B batch (or 1 for all), Q query position, K key position.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from transformer_core.glass.errors import BlockedRowError, ShapeError


@dataclass(frozen=True, eq=False)
class Mask:
    """A checked mask in both of its forms.

    Attributes:
        allowed: bool [B, Q, K], True where the query may attend to the key.
        additive: [B, 1, Q, K], 0 where allowed and -inf where blocked: what is added to the scores of every head. None
            where nothing is blocked: there is nothing to add.
    """

    allowed: Tensor
    additive: Tensor | None


def make_mask(allowed: Tensor, dtype: torch.dtype) -> Mask:
    """Return the mask that lets queries attend where `allowed` is True.

    Shapes: allowed bool [Q, K] or [B, Q, K].

    Raises:
        ShapeError: if `allowed` is not a boolean tensor with two or three axes.
        BlockedRowError: if some query may attend to no key; the error names the first such row.
    """
    if allowed.dtype != torch.bool or allowed.dim() not in (2, 3):
        raise ShapeError(
            f"a mask must be bool with axes [Q, K] or [B, Q, K], not {allowed.dtype} with shape {tuple(allowed.shape)}",
            dtype=str(allowed.dtype),
            shape=tuple(allowed.shape),
        )
    if allowed.dim() == 2:
        allowed = allowed[None]
    blocked_rows = ~allowed.any(dim=-1)  # [B, Q]
    if blocked_rows.any():
        batch, row = (int(i) for i in blocked_rows.nonzero()[0])
        raise BlockedRowError(
            f"row {row} of the mask (batch entry {batch}) blocks all {allowed.shape[-1]} keys; a query must be "
            "allowed to attend to at least one",
            row=row,
            batch=batch,
            n_keys=allowed.shape[-1],
        )
    if bool(allowed.all()):
        return Mask(allowed, None)
    additive = torch.zeros(allowed.shape, dtype=dtype, device=allowed.device)
    return Mask(allowed, additive.masked_fill_(~allowed, -torch.inf)[:, None])


def full_mask(n_queries: int, n_keys: int, dtype: torch.dtype, device: torch.device) -> Mask:
    """Return the mask in which every query may attend to every key."""
    return _full(n_queries, n_keys, dtype, device)


def causal_mask(n_queries: int, n_keys: int, dtype: torch.dtype, device: torch.device) -> Mask:
    """Return the mask in which a query attends to no later position (section 3.2.3 of the paper).

    The queries are the *last* `n_queries` of `n_keys` positions, so that a cached step is a row of the full mask.
    """
    return _causal(n_queries, n_keys, dtype, device)


def padding_mask(ids: Tensor, n_queries: int, pad_id: int, dtype: torch.dtype) -> Mask:
    """Return the mask in which no query attends to padding.

    Shapes: ids [B, K].

    Raises:
        BlockedRowError: if some row of `ids` is all padding.
    """
    real = ids != pad_id
    if bool(real.all()):
        return full_mask(n_queries, ids.shape[1], dtype, ids.device)
    return make_mask(real[:, None, :].expand(-1, n_queries, -1), dtype)


# Built once per length and shared by all threads; `inference_mode(False)` because a tensor that is born in inference
# mode could not be used in training later.
@lru_cache(maxsize=128)
def _full(n_queries: int, n_keys: int, dtype: torch.dtype, device: torch.device) -> Mask:
    with torch.inference_mode(False):
        return make_mask(torch.ones(n_queries, n_keys, dtype=torch.bool, device=device), dtype)


@lru_cache(maxsize=128)
def _causal(n_queries: int, n_keys: int, dtype: torch.dtype, device: torch.device) -> Mask:
    with torch.inference_mode(False):
        ones = torch.ones(n_queries, n_keys, dtype=torch.bool, device=device)
        return make_mask(ones.tril(n_keys - n_queries), dtype)
