"""One server and one browser for all tests; every page is cut off from the network and must not complain.

Without a browser these tests fail: `python tests/install_browser.py` gets one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect

from tests.browser.app import OFTEN, Console, Server, running_browser, running_server, settle
from transformer_core.models.files import bundled_models
from ui.state.models import DEFAULT_MODEL

PATIENCE = 90.0  # seconds; a busy machine is no failure
expect.set_options(timeout=PATIENCE * 1000)

# What the first request to the server asks for: nowhere the default, and 0 wherever an index can be 0.
DEEP_LINK = {
    "lang": "zh",
    "model": next((name for name in bundled_models() if name != DEFAULT_MODEL), DEFAULT_MODEL),
    "source": "I am a student .",
    "target": "<b>Je</b>",
    "stack": "decoder",
    "block": "self_attn",
    "layer": "0",
    "head": "0",
    "stage": "scores",
    "site": "decoder.0.self_attn.scores",
    "cell": "0,2",
}
# What of a visitor's options a tab can take at any time; the others are those of a browser's context.
_OF_A_PAGE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
_SAYS = """(wanted) => {
  const query = new URLSearchParams(location.search);
  return Object.entries(wanted).every(([name, value]) => query.get(name) === value);
}"""


@dataclass
class Visit:
    """A page of the app, and what went wrong on it.

    Attributes:
        strangers: addresses outside the server that were asked for. Each must fail, because the browser is cut off, and
            to be told of all 150 requests of a page would cost a tenth of the time of opening it.
        errors: what the console complained about.
        given_back: what becomes of the page when the visitor leaves; without it the page is closed.
    """

    server: Server
    page: Page
    given_back: Callable[[Page], None] | None = None
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.console = Console(self.page)
        self.errors = self.console.errors
        self.page.on("requestfailed", self._on_failed)
        self.page.on("dialog", self._on_dialog)

    def go(self, path: str = "attention", **query: object) -> Page:
        """Open a page of the app and wait until it is drawn."""
        self.page.goto(self.server.link(path, **query), timeout=PATIENCE * 1000)
        settle(self.page, PATIENCE)
        return self.page

    def expect_query(self, **wanted: str) -> None:
        """Wait until the address bar says so: it is written last, after all that the reader sees."""
        self.page.wait_for_function(_SAYS, arg=wanted, polling=OFTEN)

    def query(self) -> dict[str, str]:
        """Return the parameters in the address bar."""
        return dict(parse_qsl(urlsplit(self.page.url).query, keep_blank_values=True))

    def leave(self) -> None:
        """Leave the app, and let the browser forget what it stored and what it was told to do."""
        if self.page.is_closed():
            return
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        if self.given_back is None:
            self.page.close()
            return
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.mouse.move(0, 0)
        self.page.goto(f"{self.server.url}/_stcore/health", timeout=PATIENCE * 1000)  # of the same origin, and empty
        self.console.stop()
        self.page.remove_listener("requestfailed", self._on_failed)
        self.page.remove_listener("dialog", self._on_dialog)
        self.given_back(self.page)

    def _on_failed(self, request: Request) -> None:
        if not request.url.startswith((f"{self.server.url}/", "data:", "blob:")):
            self.strangers.append(request.url)

    def _on_dialog(self, dialog: Dialog) -> None:
        self.errors.append(f"dialog: {dialog.message}")


@contextmanager
def visiting(browser: Browser, folder: Path, script: str, **variables: str) -> Iterator[Visit]:
    """A visitor of an app of its own: what `running_server` starts, about which nothing may complain at the end."""
    with running_server(folder, script, **variables) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
        context.set_default_timeout(PATIENCE * 1000)
        visit = Visit(server, context.new_page())
        yield visit
        assert visit.errors == []
        assert visit.strangers == []
        context.close()
        assert server.errors() == []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, started as the README says; at the end its log must be clean."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server
        assert server.errors() == []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def visits(server: Server, browser: Browser) -> Callable[..., Visit]:
    """A function that gives a new visitor, in a window of a given kind.

    A visitor gets the tab that an earlier one left, whatever its size and colours were: a tab keeps what it has
    compiled of the app's scripts, which is half of the work of a test. What a visitor typed and chose is gone: the
    page, and with it its session, is loaded anew, and what the browser stored is forgotten. `fresh` asks for a tab of
    one's own.
    """
    contexts: dict[str, BrowserContext] = {}
    left: dict[str, list[Page]] = {}

    def visit(*, fresh: bool = False, **options: Any) -> Visit:
        shown = {name: options.pop(name, usual) for name, usual in _OF_A_PAGE.items()}
        options = {"locale": "en-US", **options}
        kind = repr(sorted(options.items()))
        if kind not in contexts:
            contexts[kind] = browser.new_context(**options)
            contexts[kind].set_default_timeout(PATIENCE * 1000)
            left[kind] = []
        contexts[kind].clear_cookies()
        kept = [] if fresh else left[kind]
        page = kept.pop() if kept else contexts[kind].new_page()
        page.set_viewport_size(shown["viewport"])
        page.emulate_media(color_scheme=shown["color_scheme"])
        return Visit(server, page, None if fresh else left[kind].append)

    return visit


@pytest.fixture(scope="session")
def first(visits: Callable[..., Visit]) -> Visit:
    """The very first visitor of the server, who comes by a deep link."""
    visit = visits()
    visit.go("attention", **DEEP_LINK)
    return visit


@pytest.fixture
def visit(visits: Callable[..., Visit], first: Visit, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A later visitor, about whom nothing may complain; options of the context come by indirect parameters."""
    visit = visits(**getattr(request, "param", {}))
    yield visit
    visit.leave()
    assert visit.errors == []
    assert visit.strangers == []
