"""A visitor of the player who stays for all tests of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.playing import expect_step, staying
from tests.browser.wire import Wire


@pytest.fixture(scope="module")
def kept(visits: Callable[..., Visit], first: Visit) -> Iterator[tuple[Visit, Wire]]:
    """A visitor who stays for several tests."""
    yield from staying(visits())


@pytest.fixture
def page(kept: tuple[Visit, Wire]) -> Page:
    """The kept visitor's page, at step 0."""
    page = kept[0].page
    page.locator(".player .says").click()
    page.keyboard.press("Home")
    expect_step(page, 0)
    return page
