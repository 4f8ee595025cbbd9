"""The proxy's logs are searched for what was typed, and a student who was cut off looks where the address says."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.load import Student
from benchmarks.replicas import MARK, left_in_logs
from tests.browser.app import ROOT
from transformer_core.models.files import load_model
from ui.state.models import DEFAULT_MODEL


@pytest.mark.parametrize("text", [MARK, quote(MARK)])
def test_what_is_typed_is_found_in_a_log(text: str, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text("GET /attention 200\n", encoding="utf-8")
    assert left_in_logs(tmp_path) == []
    (tmp_path / "error.log").write_text(f"GET /attention?source={text}\n", encoding="utf-8")
    assert left_in_logs(tmp_path) == [f"{MARK} stands in error.log"]


def test_the_proxys_log_has_no_address_with_a_query() -> None:
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    (logged,) = [line for line in text.splitlines() if "log_format" in line]
    assert "$uri" in logged
    assert not any(name in logged for name in ("$request ", "$request_uri", "$args", "$query_string", "$http_referer"))
    assert "error_log /dev/stderr crit;" in text


def test_who_comes_back_looks_where_the_address_says() -> None:
    student = Student("http://127.0.0.1:1", "我有一只猫", load_model(DEFAULT_MODEL).trace("我有一只猫"), 0)
    student.look_at({"head": "2", "stage": "scores", "cell": "1,3", "layer": "2"})
    assert (student.head, student.stage, student.cell) == (2, "scores", (1, 3))
