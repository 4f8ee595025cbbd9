"""A hub on this machine: the few routes over which `huggingface_hub` finds and fetches the files of a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlparse

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """Serves the files of folders as models.

    Attributes:
        models: the folder of each, by its name.
        gated, broken: names of those that are refused, or answered by nonsense.
        url: of it.
        fetched: the files that were asked for with their contents, in order.
        asked: how many requests there were.
    """

    def __init__(self, models: dict[str, Path], gated: tuple[str, ...] = (), broken: tuple[str, ...] = ()) -> None:
        self.models, self.gated, self.broken = models, gated, broken
        self.fetched: list[str] = []
        self.asked = 0
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.answer(self, with_body=True)

            def do_HEAD(self) -> None:
                hub.answer(self, with_body=False)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """End it; nobody is answered any more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, *, with_body: bool) -> None:
        """Answer a request."""
        self.asked += 1
        parts = unquote(urlparse(request.path).path).strip("/").split("/")
        api = parts[:2] == ["api", "models"]
        name, rest = ("/".join(parts[2:4]), parts[4:]) if api else ("/".join(parts[:2]), parts[2:])
        code, headers, body = 404, {"X-Error-Code": "RepoNotFound"}, b""
        if name in self.gated and not api:
            code, headers = 403, {"X-Error-Code": "GatedRepo"}
        elif name in self.broken:
            code, headers = 418, {}
        elif name in self.models and rest and rest[1] not in ("main", COMMIT):
            headers = {"X-Error-Code": "RevisionNotFound"}
        elif name in self.models and api and rest[0] == "revision":
            code, body = 200, json.dumps({"id": name, "modelId": name, "sha": COMMIT}).encode()
        elif name in self.models and api and rest[0] == "tree":
            code, body = 200, json.dumps([self._row(path) for path in self._files(name)]).encode()
        elif name in self.models and rest[0] == "resolve":
            path = self.models[name] / "/".join(rest[2:])
            code, body = (200, path.read_bytes()) if path.is_file() else (404, b"")
            headers = {"ETag": f'"{_digest(body)}"', "X-Repo-Commit": COMMIT} if code == 200 else {}
            if with_body:
                self.fetched.append(path.name)
        request.send_response(code)
        for header, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(header, value)
        request.end_headers()
        if with_body:
            request.wfile.write(body)

    def _files(self, name: str) -> list[Path]:
        return sorted(path for path in self.models[name].rglob("*") if path.is_file())

    def _row(self, path: Path) -> dict[str, object]:
        (root,) = (folder for folder in self.models.values() if path.is_relative_to(folder))
        data = path.read_bytes()
        return {"type": "file", "path": path.relative_to(root).as_posix(), "size": len(data), "oid": _digest(data)}


@contextmanager
def running_hub(cache: Path, models: dict[str, Path], **odd: tuple[str, ...]) -> Iterator[FakeHub]:
    """Let the library ask this hub, and keep what it fetches in a folder of the test."""
    from huggingface_hub import constants

    hub = FakeHub(models, **odd)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "ENDPOINT", hub.url)
        template = constants.HUGGINGFACE_CO_URL_TEMPLATE
        patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template.replace("https://huggingface.co", hub.url))
        patch.setattr(constants, "HF_HUB_CACHE", str(cache))
        patch.setattr(constants, "HF_HUB_OFFLINE", False)
        try:
            yield hub
        finally:
            hub.close()


def _digest(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
