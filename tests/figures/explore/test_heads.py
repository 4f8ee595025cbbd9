"""The picture of all heads: its bytes are those of the weights, its colours the theme's, its size bounded."""

from __future__ import annotations

import io
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from PIL import Image

from figures.base.heatmaps.matrix import Axes
from figures.base.theme import theme
from figures.explore.heads import (
    AT_ONCE,
    BLOCKED,
    BUDGET,
    SHADES,
    ZERO,
    head_cells,
    head_matrix,
    palette,
    reaches,
    sent_together,
    sprite,
)
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from transformer_core.glass.errors import PictureTooLargeError

COLOURS = theme("light")


def heads(n_layers: int, n_heads: int, queries: int, keys: int, *, causal: bool = False) -> tuple[NDArray, NDArray]:
    """Weights that sum to 1 over the keys, and the mask; every head has its own."""
    logits = np.random.default_rng(7).normal(size=(n_layers, n_heads, queries, keys)) * 2
    allowed = np.tril(np.ones((queries, keys), bool)) if causal else np.ones((queries, keys), bool)
    weights = np.exp(logits) * allowed
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32), allowed


def indices(png: bytes) -> NDArray[np.uint8]:
    image = Image.open(io.BytesIO(png))
    assert image.mode == "P"
    return np.array(image)


@pytest.mark.parametrize("common", [None, 1.0])
def test_each_thumbnail_is_its_heads_weights(common: float | None) -> None:
    weights, allowed = heads(2, 3, 5, 7)
    reach = reaches(weights, common)
    found = sprite(weights, allowed, reach, COLOURS)
    tiles = indices(found.png)
    assert (found.height, found.width, found.block, tiles.shape) == (5, 7, 1, (10, 21))
    for layer in range(2):
        for head in range(3):
            most = weights[layer, head].max() if common is None else 1.0
            wanted = np.rint(weights[layer, head] / most * (SHADES - 1))
            assert_array_equal(tiles[5 * layer : 5 * layer + 5, 7 * head : 7 * head + 7], wanted)
    assert tiles.max() == SHADES - 1 if common is None else tiles.max() < SHADES - 1


def test_blocked_cells_have_a_byte_and_a_colour_of_their_own() -> None:
    weights, allowed = heads(1, 2, 6, 6, causal=True)
    tiles = indices(sprite(weights, allowed, reaches(weights, None), COLOURS).png)
    assert_array_equal(tiles[:, :6] == BLOCKED, ~allowed)
    table = np.frombuffer(palette(COLOURS), np.uint8).reshape(256, 3)
    assert "#{:02X}{:02X}{:02X}".format(*table[BLOCKED]) == COLOURS.blocked
    assert "#{:02X}{:02X}{:02X}".format(*table[0]) == COLOURS.weights[0]
    assert "#{:02X}{:02X}{:02X}".format(*table[SHADES - 1]) == COLOURS.weights[-1]
    assert not (table[:SHADES] == table[BLOCKED]).all(axis=1).any()


def test_a_head_without_a_weight_is_blank_and_divides_by_nothing() -> None:
    weights = np.zeros((1, 1, 3, 3), np.float32)
    assert reaches(weights, None).tolist() == [[1.0]]
    assert not indices(sprite(weights, np.ones((3, 3), bool), reaches(weights, None), COLOURS).png).any()


@pytest.mark.parametrize("n", [6, 160])
def test_signed_numbers_have_zero_in_the_middle_of_their_colours(n: int) -> None:
    weights, _ = heads(1, 2, n, n)
    values = weights - weights[:, ::-1]
    reach = reaches(values, None)
    found = sprite(values, np.ones((n, n), bool), reach, COLOURS, signed=True)
    tiles = indices(found.png)
    if n == 6:
        assert_array_equal(tiles[:, :6], np.rint(values[0, 0] / reach[0, 0] * 126) + ZERO)
    else:
        corner = values[0, 0, : found.block, : found.block]
        furthest = corner.flat[np.abs(corner).argmax()]
        assert tiles[0, 0] == np.rint(furthest / reach[0, 0] * 126) + ZERO
    assert {1, 253} & set(np.unique(tiles))
    table = np.frombuffer(palette(COLOURS, True), np.uint8).reshape(256, 3)
    for byte, colour in ((1, COLOURS.negative), (ZERO, COLOURS.neutral), (253, COLOURS.positive)):
        assert "#{:02X}{:02X}{:02X}".format(*table[byte]) == colour


@pytest.mark.slow
def test_144_heads_at_128_tokens_cost_at_most_one_and_a_half_times_their_bytes() -> None:
    weights, allowed = heads(12, 12, 128, 128, causal=True)
    found = sprite(weights, allowed, reaches(weights, None), COLOURS)
    assert found.block == 1
    assert len(found.source()) <= 1.5 * weights.size


@pytest.mark.parametrize(("queries", "keys", "block"), [(128, 128, 1), (129, 20, 3), (512, 512, 8)])
def test_many_positions_share_pixels_and_the_strongest_shows(queries: int, keys: int, block: int) -> None:
    weights, allowed = heads(2, 2, queries, keys, causal=queries == keys)
    found = sprite(weights, allowed, reaches(weights, None), COLOURS)
    assert found.block == block
    assert max(found.height, found.width) <= 128
    tile = indices(found.png)[: found.height, : found.width]
    place = (queries - 1) // block, (keys - 1) // block
    last = weights[0, 0, place[0] * block :, place[1] * block :].max() / weights[0, 0].max()
    assert tile[place] == np.rint(last * (SHADES - 1))
    if block > 1 and queries == keys:
        assert tile[0, 0] != BLOCKED  # blocked in part
        assert tile[0, -1] == BLOCKED  # blocked as a whole


@pytest.mark.slow
def test_144_heads_of_512_tokens_are_drawn_in_little_memory() -> None:
    weights, allowed = np.broadcast_to(np.float32(0.5), (12, 12, 512, 512)), np.ones((512, 512), bool)
    tracemalloc.start()
    found = sprite(weights, allowed, np.ones((12, 12)), COLOURS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.height, found.width) == (64, 64)
    assert set(np.unique(indices(found.png))) == {126, 127} & set(np.unique(indices(found.png)))
    assert peak < 12 * 12 * 512 * 512 * 4


def test_what_is_over_the_budget_is_refused_with_numbers() -> None:
    weights = np.broadcast_to(np.float32(0.5), (40, 20, 100, 100))
    with pytest.raises(PictureTooLargeError, match="100 positions") as refused:
        sprite(weights, np.ones((100, 100), bool), np.ones((40, 20)), COLOURS)
    assert refused.value.fields == {"n_tokens": 100, "megabytes": "7.6", "limit": "4"}
    one = np.broadcast_to(np.float32(0.5), (1, 1, 1025, 1025))
    assert 4 * one.size > BUDGET
    with pytest.raises(PictureTooLargeError, match="1025 positions"):
        sent_together(one)
    with pytest.raises(PictureTooLargeError, match="1025 positions"):
        head_cells(one, np.ones((1025, 1025), bool), 1.0)


def test_the_numbers_of_few_are_the_models_to_the_last_digit() -> None:
    weights, allowed = heads(3, 4, 9, 9, causal=True)
    assert sent_together(weights)
    found = unpacked_cells({**head_cells(weights, allowed, 1.0), "rows": 3 * 4 * 9, "columns": 9})
    assert_array_equal(found.reshape(weights.shape), np.where(allowed, weights, np.inf))


def test_of_large_heads_one_is_sent_in_a_fraction_of_its_bytes() -> None:
    weights, allowed = heads(1, 6, 160, 160, causal=True)
    assert weights.size > AT_ONCE
    assert not sent_together(weights)
    told = head_cells(weights[0, 3], allowed, 1.0)
    assert len(zlib.compress(told["cells"].encode())) < weights[0, 3].nbytes / 3  # as a message travels
    found = unpacked_cells({**told, "rows": 160, "columns": 160})
    np.testing.assert_allclose(found, np.where(allowed, weights[0, 3], np.inf), atol=5e-5)


def test_a_head_for_files_has_the_scale_of_what_it_shows() -> None:
    values, allowed = np.array([[0.5, 0.0], [0.25, 3.0]]), np.array([[True, False], [True, True]])
    axes = Axes(["a", "b"], ["a", "b"], "", "", "weights")
    weights = head_matrix(values, allowed, axes, theme("light"))
    assert (weights.low, weights.high) == (0, 1)
    carried = head_matrix(values, allowed, replace(axes, value="carried"), theme("light"))
    assert (carried.low, carried.high) == (0, 3)
    signed = head_matrix(-values, allowed, axes, theme("light"), signed=True)
    assert (signed.low, signed.high) == (-3, 3)
    for found in (weights, carried, signed):
        np.testing.assert_array_equal(found.allowed, allowed)
        np.testing.assert_array_equal(abs(found.values), values)
