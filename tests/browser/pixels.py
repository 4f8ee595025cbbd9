"""The pictures of the map as they should be, pixel by pixel, worked out a second time."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from figures.architecture import BLOCKED, ZERO
from figures.theme import theme

_PIXELS = """(map) => Object.fromEntries([...map.querySelectorAll(".picture")].map((picture) => {
  const canvas = picture.querySelector("canvas"), { width, height } = canvas;
  const image = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return [picture.dataset.name, [height, width, [...image]]];
}))"""


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


def expect_pixels(page: Page, told: dict[str, Any], mode: str = "light") -> None:
    """Every canvas shows its bytes, pixel by pixel."""
    drawn = page.locator(".map").evaluate(_PIXELS)
    assert len(drawn) > 20
    for key, (rows, columns, pixels) in drawn.items():
        picture = pictures(told)[key]
        assert (rows, columns) == (picture["rows"], picture["columns"]), key
        cells = np.frombuffer(base64.b64decode(picture["data"]), np.uint8).reshape(rows, columns)
        found = np.array(pixels).reshape(rows, columns, 4)
        wanted = colours_of(cells, key.rpartition(".")[2], mode)
        assert np.abs(found[..., :3] - wanted).max() <= 1, key
        assert (found[..., 3] == 255).all()
