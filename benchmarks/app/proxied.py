"""Replicas of the app on this machine, behind nginx with the configuration that is shipped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from benchmarks.install_nginx import MISSING, find_nginx
from tests.browser.app import ROOT, Server, free_port, running_server


class Replica:
    """One server at a port of its own, which can be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.server: Server | None = None
        self._held = ExitStack()

    @property
    def running(self) -> Server:
        """The server; an AssertionError while there is none."""
        assert self.server is not None
        return self.server

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._held = ExitStack()
        self.server = self._held.enter_context(running_server(self.folder, port=self.port))

    def stop(self, *, kill: bool = False) -> None:
        """Stop it as an update does, or kill it as a machine does that loses its power."""
        if self.server is not None:
            if kill:
                signal_to(self.server.pid, signal.SIGKILL)
            self.server = None
            self._held.close()


def signal_to(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def proxy(folder: Path, replicas: Sequence[Replica]) -> Iterator[str]:
    """Start nginx before the replicas, with the configuration that is shipped; return its address."""
    nginx, port = find_nginx(), free_port()
    if nginx is None:
        raise SystemExit(f"{MISSING}: python -m benchmarks.install_nginx")
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    places = {
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "/tmp/": f"{folder}/",
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
    }
    for shipped, here in places.items():
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    lines = [f"server 127.0.0.1:{one.port} max_fails=1 fail_timeout=5s;" for one in replicas]
    (folder / "replicas.conf").write_text("\n".join(["zone glassformer 64k;", *lines]), encoding="utf-8")
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < end:
            with suppress(OSError), urlopen(f"{url}/_stcore/health", timeout=2):
                break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)
