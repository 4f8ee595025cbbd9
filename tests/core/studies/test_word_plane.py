"""The plane of word vectors: principal components, sides that stay, and how far the plane is true."""

from __future__ import annotations

import numpy as np

from transformer_core.studies.word_plane import nearest_in_group, word_plane


def test_it_is_that_of_the_largest_variance() -> None:
    rows = np.random.default_rng(0).normal(size=(12, 5)) * [5, 3, 1, 0.5, 0.1]
    plane = word_plane(rows)
    values = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    np.testing.assert_allclose(plane.shares, values[:2] / values.sum())
    np.testing.assert_allclose(plane.places.var(axis=0), values[:2])
    np.testing.assert_allclose(plane.places, (rows - plane.mean) @ plane.axes.T)


def test_a_plane_keeps_the_sides_of_the_one_before() -> None:
    rows = np.random.default_rng(1).normal(size=(12, 5)) * [5, 4, 1, 1, 1]
    before = word_plane(rows)
    turned = word_plane(rows * [4 / 5, 5 / 4, 1, 1, 1], before)  # the second axis is the larger one now
    flipped = word_plane(-rows[::-1], before)
    for after in (turned, flipped):
        assert (np.sum(after.axes * before.axes, axis=1) > 0.9).all()


def test_neighbours_are_counted_by_angle_and_by_distance() -> None:
    rows = np.array([[1.0, 0], [9, 0.5], [0, 1], [0.5, 9]])
    assert nearest_in_group(rows, [0, 0, 1, 1], by_angle=True) == 4
    assert nearest_in_group(rows, [0, 0, 1, 1], by_angle=False) == 2
