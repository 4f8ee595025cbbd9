"""Get a browser for the tests, if there is none: `python tests/install_browser.py`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from tests.browser.app import find_browser  # noqa: E402

APT = (
    ("apt-get", "update"),
    ("apt-get", "install", "--yes", "--no-install-recommends", "chromium-headless-shell", "fonts-noto-cjk"),
)
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "chromium")


def main(arguments: Sequence[str] | None = None) -> None:
    """Say which browser the tests will use; install one first if there is none.

    Raises:
        SystemExit: if none could be installed; the message says what can be done.
    """
    argparse.ArgumentParser(
        prog="python tests/install_browser.py",
        description="Find Chromium or Chrome for the browser tests. Without one, install Debian's "
        "chromium-headless-shell and fonts-noto-cjk (as root, with apt-get), or else Playwright's own Chromium.",
    ).parse_args(arguments)
    ways = ([APT] if _may_use_apt() else []) + [(PLAYWRIGHT,)]
    path = _found()
    for commands in ways:
        if path is None:
            path = _try(commands)
    if path is None:
        raise SystemExit(
            "No browser for the tests, and none could be installed. Install Chromium or Chrome with your system's "
            "package manager, or set CHROMIUM to the path of one."
        )
    print(f"browser for the tests: {path}")


def _found() -> str | None:
    try:
        return find_browser()
    except FileNotFoundError:
        return None


def _may_use_apt() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _try(commands: Sequence[Sequence[str]]) -> str | None:
    """Run one way of installing, and return the browser that is there then."""
    for command in commands:
        print("$", *command, flush=True)
        if subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}).returncode:
            return None
    return _found()


if __name__ == "__main__":
    main()
