"""The pictures of the map as they should be, worked out a second time pixel by pixel, and how they stand in rows."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from figures.base.theme import theme
from figures.explore.architecture import BLOCKED, ZERO

_PIXELS = """(map) => Object.fromEntries([...map.querySelectorAll(".picture")].map((picture) => {
  const canvas = picture.querySelector("canvas"), { width, height } = canvas;
  const image = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return [picture.dataset.name, [height, width, [...image]]];
}))"""
# Top and height of every column of a lane whose rows are the lane's own words.
_COLUMNS = """(lane) => [...lane.querySelectorAll(".words, canvas, .written")]
  .filter((column) => !/cross_attn\\.[kv]$/.test(column.parentElement.dataset.name))
  .map((column) => { const { top, height } = column.getBoundingClientRect(); return [top, height]; })"""
_SIZES = "(words) => words.map((word) => parseFloat(getComputedStyle(word).fontSize))"


def pictures(found: object) -> dict[str, dict[str, Any]]:
    """Every strip and matrix by its key."""
    if isinstance(found, dict) and "data" in found:
        return {found["key"]: found}
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return {key: picture for part in parts for key, picture in pictures(part).items()}


def colours_of(cells: NDArray[np.uint8], tone: str, mode: str = "light") -> NDArray[Any]:
    """The colours that bytes should have."""
    colours = theme("dark" if mode == "dark" else "light")
    low, high = ("opposite", tone) if tone in ("q", "k", "v") else ("negative", "positive")
    zero, low, high, blocked = (rgb(getattr(colours, name)) for name in ("neutral", low, high, "blocked"))
    x = cells[..., None].astype(float)
    if tone == "weights":
        return np.where(x == BLOCKED, blocked, zero + (high - zero) * x / (BLOCKED - 1))
    return np.where(x >= ZERO, zero + (high - zero) * (x - ZERO) / ZERO, zero + (low - zero) * (ZERO - x) / ZERO)


def rgb(colour: str) -> NDArray[Any]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


def expect_pixels(page: Page, told: dict[str, Any], mode: str = "light", more_than: int = 20) -> None:
    """Every canvas shows its bytes, pixel by pixel, and there are more than so many."""
    drawn = page.locator(".map").evaluate(_PIXELS)
    assert len(drawn) > more_than
    for key, (rows, columns, pixels) in drawn.items():
        picture = pictures(told)[key]
        assert (rows, columns) == (picture["rows"], picture["columns"]), key
        cells = np.frombuffer(base64.b64decode(picture["data"]), np.uint8).reshape(rows, columns)
        found = np.array(pixels).reshape(rows, columns, 4)
        wanted = colours_of(cells, key.rpartition(".")[2], mode)
        assert np.abs(found[..., :3] - wanted).max() <= 1, key
        assert (found[..., 3] == 255).all()


def expect_rows(page: Page, least: float) -> None:
    """A word's row is at the same height in every column of its lane, and its words are at least so many pixels."""
    for side in ("encoder", "decoder"):
        columns = np.array(page.locator(f".lane.{side}").evaluate(_COLUMNS))
        assert len(columns) > 8
        assert np.ptp(columns, axis=0).max() < 1
    for words in (".lane.encoder .words span", ".lane.decoder .words span", ".written b"):
        assert min(page.locator(words).evaluate_all(_SIZES)) >= least
