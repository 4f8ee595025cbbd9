"""What positions add to a model that has no other sense of order: tables of waves, angles and distances.

All tables are shared: do not write into them.
Letters: L position, Q query position, K key position, D d_model, E d_head.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

from transformer_core.transformer.blocks import Layout, RelativeBias, Rotary


# Built once and shared by all threads; `inference_mode(False)` because a tensor that is born in inference mode could
# not be used in training later.
@lru_cache(maxsize=32)
def sinusoidal_positions(
    length: int, d_model: int, dtype: torch.dtype, device: torch.device, layout: Layout = "interleaved"
) -> Tensor:
    """Return sin(pos / 10000^(2i/D)) and cos(the same), at 2i and 2i+1, or at i and D/2+i in halves (section 3.5).

    Shapes: -> [L, D].
    """
    with torch.inference_mode(False):
        angles = _angles(length, d_model, 10000.0)
        axis = -1 if layout == "interleaved" else 1
        table = torch.stack((angles.sin(), angles.cos()), dim=axis).flatten(1)
        return table.to(dtype=dtype, device=device)


@lru_cache(maxsize=32)
def rotations(
    length: int, d_head: int, rotary: Rotary, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of the angle by which each position turns, once for either half of a vector.

    Shapes: -> [L, E] twice.
    """
    with torch.inference_mode(False):
        angles = _angles(length, d_head, rotary.theta) / rotary.factor
        both = torch.cat((angles, angles), dim=1)
        return both.cos().to(dtype=dtype, device=device), both.sin().to(dtype=dtype, device=device)


def rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Return `x` with entry e of its first and of its second half turned together.

    Shapes: x [..., E], cosine and sine [..., E] -> [..., E].
    """
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat((-second, first), dim=-1) * sine


@lru_cache(maxsize=32)
def buckets_between(n_queries: int, n_keys: int, relative: RelativeBias, causal: bool, device: torch.device) -> Tensor:
    """Return the bucket of each distance, the queries being the last `n_queries` of `n_keys` positions.

    Shapes: -> [Q, K].
    """
    with torch.inference_mode(False):
        places = torch.arange(n_keys, device=device)
        return buckets_of(places - places[n_keys - n_queries :, None], relative, causal=causal)


def buckets_of(ahead: Tensor, relative: RelativeBias, *, causal: bool) -> Tensor:
    """Return the bucket of each distance (Raffel et al. 2020, section 2.1).

    Args:
        ahead: how far the key stands to the right of the query, any shape.
        relative: the buckets.
        causal: whether keys to the right get no buckets of their own.
    """
    n, right = relative.buckets, torch.zeros_like(ahead)
    if causal:
        distance = (-ahead).clamp(min=0)
    else:
        n //= 2
        distance, right = ahead.abs(), (ahead > 0) * n
    exact = n // 2  # so many distances have a bucket each; the rest of the buckets grow as a logarithm does
    part = torch.log(distance.clamp(min=1).double() / exact) / math.log(relative.max_distance / exact)
    far = exact + (part * (n - exact) + 1e-9).floor().long()  # a power of two stays whole in spite of rounding
    return right + torch.where(distance < exact, distance, far.clamp(max=n - 1))


def _angles(length: int, width: int, base: float) -> Tensor:
    """pos / base^(2i / width), [L, width / 2] in float64."""
    even = torch.arange(0, width, 2, dtype=torch.float64)
    return torch.arange(length, dtype=torch.float64)[:, None] / base ** (even / width)
