"""An empty page in a real Chromium that can import every module of the components: no app, no Node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.pictures.drawing import serving
from figures.base.styles import COMPONENTS, theme_sheet

EMPTY = b"<!doctype html><meta charset=utf-8><title>units</title>"


@contextmanager
def page_of_modules(browser: Browser) -> Iterator[Page]:
    """Open it, until the end of the block."""
    files = {file.relative_to(COMPONENTS).as_posix(): file.read_bytes() for file in COMPONENTS.rglob("*.?*s")}
    with serving({"index.html": EMPTY, "theme.css": theme_sheet().encode(), **files}) as address:
        page = browser.new_page()
        page.goto(f"{address}/index.html")
        yield page
        page.close()


def given(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """What a function gives whose body knows `m`, the module, and `x`, the argument."""
    return page.evaluate(f"async (x) => {{ const m = await import('/{module}.js'); {body} }}", argument)
