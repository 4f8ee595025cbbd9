"""What the tests of what is taken home share: a page, its open window, and what a click there saves."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from ui.state.models import Asked

SOURCE = "我有一只猫"
ASKED = Asked("zh-en", SOURCE, "")
WEIGHTS = "decoder.2.cross_attn.weights"
WEIGHTS_PAGE = {"lang": "en", "source": SOURCE, "stage": "weights", "layer": 2, "head": 1, "cell": "3,4"}


def take(visit: Visit, page: str = "attention", **query: object) -> Locator:
    """The open window of a page, from a link."""
    visit.go(page, **query)
    return opened(visit.page, page)


def opened(page: Page, name: str = "attention") -> Locator:
    page.locator(f".st-key-{name}-export button").first.click()
    body = page.locator("[data-testid=stPopoverBody]")
    body.locator("code").wait_for()
    settle(page, PATIENCE)
    return body


def saved(body: Locator, label: str, folder: Path) -> Path:
    """What a click on a button saves."""
    with body.page.expect_download(timeout=PATIENCE * 1000) as download:
        body.get_by_role("button", name=label, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
