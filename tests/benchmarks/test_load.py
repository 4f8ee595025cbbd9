"""Sessions over websockets: many that ask for one sentence cost one pass, and a wrong answer is found out."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks.app.visitor import Visitor
from benchmarks.load import Student, shows, sit
from tests.browser.app import Server, running_server
from transformer_core.models.files import load_model
from ui.state.models import DEFAULT_MODEL

pytestmark = pytest.mark.slow

SOURCE = "我的猫不喜欢你的狗"
N_SESSIONS = 10
Elsewhere = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server"), "tests/benchmarks/counting_app.py") as server:
        yield server
        assert server.errors() == []


def test_ten_sessions_on_one_sentence_cost_one_forward_pass(server: Server, elsewhere: Elsewhere) -> None:
    async def come() -> list[Visitor]:
        visitors = [Visitor(server.url, "attention", {"source": SOURCE, "lang": "en"}) for _ in range(N_SESSIONS)]
        await asyncio.gather(*(visitor.enter() for visitor in visitors))
        await asyncio.gather(*(visitor.leave() for visitor in visitors))
        return visitors

    visitors = elsewhere(lambda: asyncio.run(come()))
    tokens = " ".join(load_model(DEFAULT_MODEL).trace(SOURCE).source_tokens)
    assert server.log.read_text(encoding="utf-8").splitlines().count(f"traced {tokens}") == 1
    panels = [visitor.data("attention.explain") for visitor in visitors]
    assert all(panel["value"] == panels[0]["value"] for panel in panels)
    assert [visitor.trouble for visitor in visitors] == [[]] * N_SESSIONS


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [
        ("0.1235", 0.12345, True),  # rounded to either side
        ("0.1234", 0.12345, True),
        ("0.1236", 0.12345, False),
        ("−0.1234", 0.1234, False),
        ("3", 3.0, True),
        ("1.234e−07", 1.2344e-7, True),
        ("1.234e−07", 1.24e-7, False),
        ("−∞", -math.inf, True),
        ("−∞", -1e9, False),
        ("0.5000", math.nan, False),
    ],
)
def test_a_number_is_shown_where_it_is_right_to_its_last_digit(text: str, value: float, right: bool) -> None:
    assert shows(text, value) is right


def test_a_class_gets_right_answers_and_a_wrong_one_would_be_seen(server: Server, elsewhere: Elsewhere) -> None:
    seen = elsewhere(lambda: asyncio.run(sit(server, 2, 1.0, 0.25)))
    assert seen.wrong == []
    assert len(seen.all_waits) == 2 * 4
    assert seen.cpu > 0
    assert len(seen.memory) == 4

    async def misled() -> list[str]:
        glass = load_model(DEFAULT_MODEL)
        student = Student(server.url, SOURCE, glass.trace("我有一只猫"), 0)  # it expects another sentence's numbers
        await student.visitor.enter()
        await student.click("another cell")
        wrong = student.wrong()
        await student.visitor.leave()
        return wrong

    (wrong,) = elsewhere(lambda: asyncio.run(misled()))
    assert "is not" in wrong
