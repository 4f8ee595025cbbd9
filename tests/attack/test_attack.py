"""Somebody with a script cannot spoil a lesson, read a file, or see what another typed; nothing typed is left."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.app.visitor import Visitor
from benchmarks.attack.__main__ import Strength, attack, attacked_server, tracebacks
from tests.browser.app import ROOT, Server, free_port
from ui.server.gate import SHUT
from ui.server.headers import headers

pytestmark = pytest.mark.slow

LITTLE = Strength(connections=500, slow=20, seconds=0.5, garbage=5, texts=1000, share=200, widgets=1, every_path=23)
PAGES = ("attention", "search")
MARK = "quokkazebra"


@dataclass
class Attacked:
    """A server, its home, where it tells its figures, and when it was started."""

    server: Server
    home: Path
    figures: str
    began: float


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    home, port, began = tmp_path_factory.mktemp("home"), free_port(), time.time()
    places = {"HOME": str(home), "TMPDIR": str(home), "GLASSFORMER_METRICS_PORT": str(port)}
    with attacked_server(tmp_path_factory.mktemp("log"), **places) as server:
        yield Attacked(server, home, f"http://127.0.0.1:{port}/metrics", began)


def elsewhere(work: object) -> object:
    """Run a coroutine in a thread of its own: in this one the browser tests may keep a loop going."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work)).result()  # type: ignore[arg-type]


def answer(url: str) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as got:
            return got.status, {name.lower(): value for name, value in got.headers.items()}, got.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read().decode()


def test_every_answer_has_the_headers(attacked: Attacked) -> None:
    for path in ("", "/attention?source=a", "/_stcore/health", "/static/none.js", "/gf/x/heatmap.js"):
        _, got, _ = answer(attacked.server.url + path)
        for name, value in headers().items():
            assert got[name.lower()] == value, (path, name)
    scripts = headers()["Content-Security-Policy"].partition("script-src ")[2].partition(";")[0]
    assert "unsafe" not in scripts
    assert "http" not in headers()["Content-Security-Policy"]


def test_the_operator_has_figures_and_a_student_has_none(attacked: Attacked) -> None:
    async def look() -> None:
        visitor = Visitor(attacked.server.url, "attention", {"lang": "en", "source": "我有一只猫"})
        await visitor.enter()
        status, _, text = answer(attacked.figures)
        assert status == 200
        told = dict(line.split(" ") for line in text.splitlines() if line.startswith("glassformer_"))
        assert float(told["glassformer_sessions"]) == 1
        assert float(told["glassformer_clicks_total"]) >= 1
        assert float(told["glassformer_cache_bytes"]) > 10**5
        assert "process_resident_memory_bytes" in text
        await visitor.leave()

    elsewhere(look())
    for path in ("metrics", *SHUT):
        status, _, text = answer(f"{attacked.server.url}/{path}")
        assert "glassformer_" not in text
        assert "# TYPE" not in text
        assert status == 404 or "<title>Streamlit</title>" in text


def test_nothing_that_is_typed_is_left_in_a_log_a_file_or_a_figure(attacked: Attacked) -> None:
    async def type_it() -> None:
        for page in ("attention", "unfold"):
            query = {"lang": "en", "source": f"I {MARK} you", "model": "en-fr", "edits": f"off:{MARK}"}
            visitor = Visitor(attacked.server.url, page, query)
            await visitor.enter()
            for key in ("source", "target"):
                state = WidgetState(id=visitor.drawn[key].proto.id, string_value=f"he {MARK} them")
                await visitor.forge(state)
            assert MARK in visitor.data("address")["query"]["source"]
            wrong = WidgetState(id=visitor.drawn["lang"].proto.id, string_value=MARK)
            await visitor.forge(wrong)  # so that an error is logged
            await visitor.leave()

    elsewhere(type_it())
    assert "Uncaught app execution" in attacked.server.log.read_text(encoding="utf-8")
    written = [path for path in (attacked.home, attacked.server.log.parent) for path in path.rglob("*")]
    changed = [path for path in ROOT.rglob("*") if ".git" not in path.parts and "node_modules" not in path.parts]
    written += [path for path in changed if path.is_file() and path.stat().st_mtime >= attacked.began]
    assert attacked.server.log in written
    mark = MARK.encode()
    assert [path for path in written if path.is_file() and mark in path.read_bytes() and path != Path(__file__)] == []
    assert MARK not in answer(attacked.figures)[2]


def test_an_attack_does_not_spoil_the_lesson(attacked: Attacked) -> None:
    found = elsewhere(attack(attacked.server, LITTLE, n_students=2, every=0.2, pages=PAGES))
    assert found == []
    assert tracebacks(attacked.server) == []
