"""A real server and a real Chromium, for the tests that look at the app as a person does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
USUAL_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
QUIET = (
    "--disable-gpu",
    "--num-raster-threads=1",
    "--disable-partial-raster",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)
OFTEN = 50  # milliseconds between two looks at a page: one in every frame would keep the browser drawing
# No host but the own machine is found. (Cutting connections off one by one would switch the browser's cache off.)
CUT_OFF = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# Streamlit asks for these beside every deep link and falls back to the root: its own two 404s.
STREAMLITS_OWN = ("/_stcore/health", "/_stcore/host-config")


def find_browser() -> str:
    """Return the path of a Chromium or Chrome: $CHROMIUM, one on the PATH or in a usual place, or Playwright's own.

    Raises:
        FileNotFoundError: if there is none; the message says how to get one.
    """
    named = [os.environ.get("CHROMIUM", ""), *(shutil.which(name) or "" for name in BROWSERS), *USUAL_PLACES]
    found = next((path for path in named if path and Path(path).is_file()), None) or playwrights_own()
    if not Path(found).is_file():
        raise FileNotFoundError("the browser tests need Chromium or Chrome: run `python tests/install_browser.py`")
    return found


def playwrights_own() -> str:
    """Return where Playwright puts its Chromium, whether it is there or not."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


@dataclass
class Server:
    """A running app: where it answers, what it logged, and its process."""

    url: str
    log: Path
    pid: int

    def link(self, page: str = "", **query: object) -> str:
        """Return the address of a page with a query."""
        return f"{self.url}/{page}" + (f"?{urlencode(query)}" if query else "")

    def errors(self) -> list[str]:
        """Return the lines of the log that tell of something wrong."""
        bad = ("error", "traceback", "exception", "warning")
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if any(word in line.lower() for word in bad)]


@contextmanager
def running_server(
    folder: Path,
    script: str = "app.py",
    *,
    folder_of_app: Path = ROOT,
    through: Sequence[str] = (),
    port: int | None = None,
    arguments: Sequence[str] = (),
    **variables: str,
) -> Iterator[Server]:
    """Start the app as the README says, on a free port; stop it at the end. Its log goes to `folder`.

    `variables` are added to those of the environment; one of them may name a base path. `through` is a command that
    runs another, as `setpriv`; `arguments` are the app's own, behind --.
    """
    port = port or free_port()
    log = folder / f"server-{port}.log"
    command = [*through, sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", *(["--", *arguments] if arguments else [])]
    with open(log, "w", encoding="utf-8") as output:
        environment = {**os.environ, **variables}
        process = subprocess.Popen(command, cwd=folder_of_app, stdout=output, stderr=subprocess.STDOUT, env=environment)
    base = variables.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    server = Server(f"http://127.0.0.1:{port}/{base}".rstrip("/"), log, process.pid)
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the app did not start:\n{server.log.read_text(encoding='utf-8')}")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    path = find_browser()  # before the block: Playwright cannot be started twice at once
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*QUIET, CUT_OFF, *(["--no-sandbox"] if root else [])]
        )
        yield browser
        browser.close()


class Console:
    """Collects what a page complains about, except Streamlit's own two 404s on a deep link."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.page = page
        page.on("console", self._on_message)
        page.on("pageerror", self._on_error)

    def stop(self) -> None:
        """Listen no more."""
        self.page.remove_listener("console", self._on_message)
        self.page.remove_listener("pageerror", self._on_error)

    def _on_error(self, error: Error) -> None:
        self.errors.append(f"pageerror: {error}")

    def _on_message(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = message.location.get("url", "")
        if "404" in message.text and address.endswith(STREAMLITS_OWN):
            return
        self.errors.append(f"{message.text} ({address})")


_DRAWN = """() => {
  const places = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
  const stale = document.querySelector("[data-stale=true], [data-testid=stSkeleton]");
  const drawn = (place) => place.shadowRoot?.querySelector(".gf")?.childElementCount > 0;
  return !stale && places.every(drawn) && (places.length > 0 ||
    document.querySelector("[data-testid=stAlert], .st-key-credits, .st-key-models"));
}"""


def settle(page: Page, seconds: float = 60) -> None:
    """Wait until no run is going on, and every component of ours has drawn itself."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=seconds * 1000)
    page.wait_for_function(_DRAWN, timeout=seconds * 1000, polling=OFTEN)


def unfold(page: Page, key: str) -> None:
    """Open a box that is folded away, by the key of the box or of what holds it."""
    page.locator(f".st-key-{key} [data-testid=stPopoverButton]").first.click()


def fold(page: Page) -> None:
    """Close the box that is open, and wait until it is gone."""
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
