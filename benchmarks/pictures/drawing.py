"""What drawing costs a browser: the CPU time of its renderer, from the data on until it rests. Linux only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Error, Page

GRAIN = 0.1  # seconds between two looks at the CPU time
REST = 5  # so many looks in a row without work, and the picture stands
IDLE = 2.0  # milliseconds of CPU within a look that are no work
SIZE = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Side:
    """One way of drawing the same data.

    Attributes:
        name: for the table.
        files: what its page may fetch, by path; "index.html" is the page, whose script defines `draw()`.
        wire: bytes that reach the browser for this picture; what draws any picture (a library) is not counted.
        there: JavaScript that counts what was drawn.
        wanted: the count if the picture is whole.
    """

    name: str
    files: Mapping[str, bytes]
    wire: int
    there: str
    wanted: int


@dataclass(frozen=True)
class Cost:
    """What drawing once took: milliseconds of the renderer's CPU, and seconds until it rested."""

    cpu: float
    seconds: float


def draw(browser: Browser, side: Side, limit: float = 60, look: Callable[[Page], None] | None = None) -> Cost | None:
    """Return what drawing costs a page that has loaded its scripts and rests; None if it takes longer than the limit.

    Args:
        browser: freshly started, if the side may overtax it.
        side: what is drawn.
        limit: seconds of patience.
        look: is given the page when the picture stands.
    """
    with serving(side.files) as address:
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        try:
            page.goto(f"{address}/index.html")
            cost = _cost(browser, page, side, limit)
            if cost and look:
                look(page)
            return cost
        except Error as error:
            if "crash" in str(error).lower() or "closed" in str(error).lower():
                return None
            raise
        finally:
            if browser.is_connected():
                page.close()


def _cost(browser: Browser, page: Page, side: Side, limit: float) -> Cost | None:
    session = browser.new_browser_cdp_session()
    until_rest(session, limit)
    before, began = renderer_cpu(session), time.monotonic()
    page.evaluate("void draw().then(() => { window.drawn = true; })")
    while True:
        rested = until_rest(session, limit - (time.monotonic() - began))
        if rested is None:
            return None
        if page.evaluate(f"window.drawn === true && ({side.there}) === {side.wanted}"):
            return Cost(renderer_cpu(session) - before, rested - began)


def until_rest(session: CDPSession, limit: float) -> float | None:
    """Return the time at which the last work of the renderers ended, or None if it goes on for more than the limit."""
    end, last, now = time.monotonic() + limit, time.monotonic(), renderer_cpu(session)
    quiet = 0
    while quiet < REST:
        if time.monotonic() > end:
            return None
        time.sleep(GRAIN)
        before, now = now, renderer_cpu(session)
        quiet = quiet + 1 if now - before < IDLE else 0
        if not quiet:
            last = time.monotonic()
    return last


def renderer_cpu(session: CDPSession) -> float:
    """Return the milliseconds of CPU time that the renderers of a browser have used, all their threads together."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(process_cpu(process["id"]) for process in processes if process["type"] == "renderer")


def process_cpu(pid: int) -> float:
    """Return the milliseconds of CPU time that the living threads of a process have used, to the nanosecond."""
    nanoseconds = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            nanoseconds += int(thread.read_text(encoding="ascii").split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the two lines
    return nanoseconds / 1e6


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serve some files on a free port of this machine, and return the address."""
    types = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.removeprefix("/"))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", types.get(self.path.rpartition(".")[2], "application/octet-stream"))
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
