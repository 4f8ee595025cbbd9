"""All heads of one kind of attention in one picture: a palette image of thumbnails, and the numbers behind it.

A palette image (PNG) of one byte per pixel is what costs least on the wire, and its colours are final.
Letters: N layer, H head, Q query position, K key position.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figures.base.heatmaps.cells import packed_cells
from figures.base.heatmaps.matrix import Axes, Matrix, amounts_matrix, scores_matrix, weights_matrix
from figures.base.theme import Theme
from transformer_core.glass.errors import PictureTooLargeError

Array = NDArray[Any]
SHADES = 254  # of the sequential colours, from zero to the largest; the byte after them is never used
ZERO = 127  # of signed colours, which go from 1 to 253
BLOCKED = 255
MOST_TOKENS = 128  # positions up to which a thumbnail has a pixel for each
SMALL = 64  # pixels of a thumbnail's longer side beyond that
BUDGET = 4 * 2**20  # bytes of the picture as it is before it is packed, and bytes of one head's numbers
AT_ONCE = 2**17  # numbers of all heads that are sent together, so that no head has to be asked for


@dataclass(frozen=True)
class Sprite:
    """The thumbnails of all heads, a row per layer, side by side without gaps.

    Attributes:
        png: the image.
        height, width: pixels of one thumbnail.
        block: positions that share a pixel, along each axis; 1 if none do.
    """

    png: bytes
    height: int
    width: int
    block: int

    def source(self) -> str:
        """Return the image as an address that a page can show."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def reaches(values: Array, common: float | None) -> Array:
    """Return the number that gets the full colour, for each head: its own largest one, or one for all.

    Shapes: values [N, H, Q, K] -> [N, H].
    """
    own = np.abs(values).max(axis=(2, 3)).astype(np.float64)
    return np.where(own > 0, own, 1.0) if common is None else np.full(own.shape, common)


def sprite(values: Array, allowed: Array, reach: Array, colours: Theme, *, signed: bool = False) -> Sprite:
    """Return the picture of all heads.

    Above 128 positions several share a pixel, which shows the one that is furthest from zero: their mean would thin out
    a lone strong weight, such as those of a head that looks at the previous word, until it cannot be seen.

    Args:
        values: [N, H, Q, K], none below 0 unless `signed`.
        allowed: bool [Q, K].
        reach: the number of the full colour, [N, H].
        colours: of the mode.
        signed: whether zero lies in the middle of the colours.

    Raises:
        PictureTooLargeError: if its pixels would need more than the budget.
    """
    n_layers, n_heads, *size = values.shape
    block = 1 if max(size) <= MOST_TOKENS else math.ceil(max(size) / SMALL)
    height, width = (math.ceil(n / block) for n in size)
    _within_budget(n_layers * n_heads * height * width, max(size))
    shades = _pooled(values, block) / reach[:, :, None, None]
    steps = np.clip(shades, -1, 1) * (ZERO - 1) + ZERO if signed else np.clip(shades, 0, 1) * (SHADES - 1)
    cells = np.rint(steps).astype(np.uint8)
    cells[:, :, ~_pooled(allowed[None, None], block)[0, 0]] = BLOCKED
    tiled = cells.transpose(0, 2, 1, 3).reshape(n_layers * height, n_heads * width)
    image = Image.frombytes("P", (tiled.shape[1], tiled.shape[0]), tiled.tobytes())
    image.putpalette(palette(colours, signed))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)  # more takes longer than it saves
    return Sprite(file.getvalue(), height, width, block)


def palette(colours: Theme, signed: bool = False) -> bytes:
    """Return the colours of the 256 bytes: the scale, and blocked."""
    scale = (colours.negative, colours.neutral, colours.positive) if signed else colours.weights
    steps = np.array([_channels(colour) for colour in scale])
    places = np.linspace(0, len(steps) - 1, SHADES - signed)
    shades = np.stack([np.interp(places, np.arange(len(steps)), steps[:, c]) for c in range(3)], axis=1)
    table = np.zeros((256, 3))
    table[signed:SHADES], table[BLOCKED] = shades, _channels(colours.blocked)
    return bytes(np.rint(table).astype(np.uint8).tobytes())


def sent_together(values: Array) -> bool:
    """Return whether the numbers of all heads are few enough to be sent at once.

    Shapes: values [N, H, Q, K].

    Raises:
        PictureTooLargeError: if the numbers of one head alone need more than the budget.
    """
    _check_head(values)
    return values.size <= AT_ONCE


def head_cells(values: Array, allowed: Array, reach: float) -> dict[str, Any]:
    """Return the numbers of a head, or of all, one below the other, as the heatmap takes them (`packed_cells`).

    Args:
        values: [..., Q, K].
        allowed: bool [Q, K].
        reach: the number of the full colour; infinity for numbers that are told and not drawn.

    Raises:
        PictureTooLargeError: if the numbers of one head need more than the budget.
    """
    _check_head(values)
    rows = values.reshape(-1, values.shape[-1])
    return packed_cells(rows, np.tile(allowed, (len(rows) // len(allowed), 1)), 0, reach)


def _check_head(values: Array) -> None:
    n_rows, n_columns = values.shape[-2:]
    _within_budget(4 * n_rows * n_columns, max(n_rows, n_columns))


def _pooled(values: Array, block: int) -> Array:
    """Of each block of positions the number furthest from zero; the last ones are smaller. [.., Q, K] -> [.., q, k]."""
    if block == 1:
        return values
    for axis in (2, 3):
        starts = np.arange(0, values.shape[axis], block)
        most, least = (pick.reduceat(values, starts, axis=axis) for pick in (np.maximum, np.minimum))
        values = np.where(np.abs(most) >= np.abs(least), most, least)
    return values


def _within_budget(n_bytes: int, n_tokens: int) -> None:
    if n_bytes > BUDGET:
        megabytes = f"{n_bytes / 2**20:.1f}"
        raise PictureTooLargeError(
            f"{n_tokens} positions: {megabytes} MiB > {BUDGET / 2**20:g} MiB",
            n_tokens=n_tokens,
            megabytes=megabytes,
            limit=f"{BUDGET / 2**20:g}",
        )


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def head_matrix(values: Array, allowed: Array, axes: Axes, colours: Theme, *, signed: bool = False) -> Matrix:
    """Return one head as a heatmap for files.

    Args:
        values: [Q, K], weights, or lengths of what they carry.
        allowed: bool [Q, K], where the mask lets a query attend.
        axes: the labels; the value is "weights" or "carried".
        colours: of the mode.
        signed: whether the numbers are a difference.
    """
    if signed:
        return scores_matrix(values, allowed, axes, colours)
    if axes.value == "weights":
        return weights_matrix(values, allowed, axes, colours)
    return replace(amounts_matrix(values, axes, colours), allowed=allowed)
