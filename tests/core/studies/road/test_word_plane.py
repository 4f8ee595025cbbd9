"""The plane of word vectors: principal components, sides that stay, and how far the plane is true."""

from __future__ import annotations

import numpy as np
import pytest

from transformer_core.glass.errors import ShapeError
from transformer_core.studies.road.word_plane import nearest_in_group, unit_rows, word_plane


def test_it_is_that_of_the_largest_variance() -> None:
    rows = np.random.default_rng(0).normal(size=(12, 5)) * [5, 3, 1, 0.5, 0.1]
    plane = word_plane(rows)
    places, share = plane.place(rows)
    values = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    np.testing.assert_allclose(share, values[:2].sum() / values.sum())
    np.testing.assert_allclose(places.var(axis=0), values[:2])
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(word_plane(-rows).axes, plane.axes)  # a principal axis has no sign of its own
    with pytest.raises(ShapeError, match="three vectors"):
        word_plane(rows[:2])


def test_other_vectors_are_placed_on_the_same_axes() -> None:
    rows = np.random.default_rng(1).normal(size=(12, 5)) * [5, 4, 1, 1, 1]
    plane = word_plane(rows)
    places, share = plane.place(3 * rows + 7)
    np.testing.assert_allclose(places, 3 * plane.place(rows)[0], atol=1e-12)
    np.testing.assert_allclose(share, plane.place(rows)[1])
    assert plane.place(np.ones((3, 5)))[1] == 0


def test_neighbours_are_counted_by_distance_and_by_angle() -> None:
    rows = np.array([[1.0, 0], [9, 0.5], [0, 1], [0.5, 9]])
    assert nearest_in_group(rows, [0, 0, 1, 1]) == 2
    assert nearest_in_group(unit_rows(rows), [0, 0, 1, 1]) == 4
