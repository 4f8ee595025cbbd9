"""Heatmaps as a person meets them: where a cell lies, and a click on it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

# Where the middle of a cell lies in the place of the cells, of which a part may be seen.
CELL = """(cells, [row, column]) => {
  const [left, right, top, bottom] = cells.dataset.seen.split(",").map(Number);
  const { width, height } = cells.getBoundingClientRect();
  return [((column + 0.5 - left) / (right - left)) * width, ((row + 0.5 - top) / (bottom - top)) * height];
}"""


def heatmap(page: Page, key: str = "map0") -> Locator:
    """Return the cells of the heatmap with a key; behind a colon stands its number among several."""
    key, _, number = key.partition(":")
    return page.locator(f".st-key-{key} .cells").nth(int(number or 0))


def middle(page: Page, row: int, column: int, key: str = "map0") -> dict[str, float]:
    """Return where a cell lies on its heatmap."""
    cells = heatmap(page, key)
    cells.scroll_into_view_if_needed()
    x, y = cells.evaluate(CELL, [row, column])
    return {"x": x, "y": y}


def click_cell(page: Page, row: int, column: int, key: str = "map0") -> None:
    """Click a cell."""
    heatmap(page, key).click(position=middle(page, row, column, key))  # type: ignore[arg-type]
