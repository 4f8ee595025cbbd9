"""The memory that traces may take: a quarter of what is free, and the log says so; other traces go through the same."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from figures.base.labels import number
from transformer_core.glass.errors import TextTooLongError
from transformer_core.glass.guards.budget import tokens_within
from transformer_core.models.files import load_model
from ui.frame.text import t
from ui.learn.masks.runs import masked_run
from ui.state import models
from ui.state.models import LEAST_BYTES, Asked, get_model, get_trace, kept_trace, most_bytes
from ui.state.shared import memory
from ui.state.shared.memory import CACHE_LIMIT

GIB = 2**30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with 40 GiB free, whose container says how much there is in the files of a folder."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=40 * GIB))
    pairs = tuple((str(tmp_path / f"most{n}"), str(tmp_path / f"taken{n}")) for n in (1, 2))
    monkeypatch.setattr(memory, "_CONTAINER", pairs)
    return tmp_path


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    ("most", "taken", "free"),
    [(16 * GIB, 4 * GIB, 12 * GIB), (64 * GIB, 4 * GIB, 40 * GIB), (GIB, 2 * GIB, 0), ("max", 4 * GIB, 40 * GIB)],
    ids=["the container's rest", "the machine's", "none", "no limit"],
)
def test_what_is_free(machine: Path, n: int, most: int | str, taken: int, free: int) -> None:
    (machine / f"most{n}").write_text(f"{most}\n")
    (machine / f"taken{n}").write_text(f"{taken}\n")
    assert memory.free_bytes() == free


def test_without_a_container_it_is_the_machines(machine: Path) -> None:
    assert memory.free_bytes() == 40 * GIB


@pytest.mark.parametrize(
    ("free", "most"), [(40 * GIB, 10 * GIB), (5 * GIB, 5 * GIB // 4), (GIB, LEAST_BYTES), (0, GIB)]
)
def test_a_quarter_and_a_gibibyte_at_least(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, free: int, most: int
) -> None:
    monkeypatch.setattr(models, "free_bytes", lambda: free)
    logger = models.get_logger(models.__name__)
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.INFO, logger.name):
        assert most_bytes.__wrapped__() == most
    assert t("log.traces", "en", free=number(free / GIB, 1), most=number(most / GIB, 1)) in caplog.text


def test_the_operator_may_say_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_LIMIT, "64")
    assert most_bytes.__wrapped__() == 64 * 10**6
    for wrong in ("64 MB", "-1", "0", "²"):
        monkeypatch.setenv(CACHE_LIMIT, wrong)
        with pytest.raises(SystemExit, match=f"{CACHE_LIMIT} is {wrong!r}"):
            most_bytes.__wrapped__()


def test_a_run_under_another_mask_is_kept_with_the_others() -> None:
    asked = Asked("zh-en", "我有一只猫", "")
    trace = get_trace(asked)
    path = "decoder.0.self_attn"
    mask = tuple("1" * len(trace[f"{path}.mask"]) for _ in trace[f"{path}.mask"])
    before = models._traces().nbytes
    masked = masked_run(asked, (path,), mask)
    assert masked_run(asked, (path,), mask) is masked
    assert models._traces().nbytes >= before + masked.nbytes
    own = tuple("".join("01"[int(cell)] for cell in row) for row in trace[f"{path}.mask"])
    assert masked_run(asked, (path,), own) is trace  # which is there already


def test_another_trace_is_computed_once() -> None:
    asked = Asked("zh-en", "我有一只猫", "")
    trace, calls = get_trace(asked), []

    def compute() -> object:
        calls.append(1)
        return trace

    key = ("a test", 1)
    assert kept_trace(key, asked, compute) is kept_trace(key, asked, compute) is trace  # type: ignore[arg-type]
    assert calls == [1]


class TestTokens:
    """The bytes of a trace say how many tokens there may be."""

    @pytest.mark.slow
    def test_a_text_whose_trace_would_take_more_is_refused(self) -> None:
        plan = get_model("zh-en").plan
        text = "我有一只猫和一只狗"
        n = len(load_model("zh-en").read_ids(text))
        least = next(limit for limit in range(0, 2**24, 2**12) if tokens_within(plan, limit) >= 5)
        assert 5 <= tokens_within(plan, least) < n
        glass = load_model("zh-en", trace_bytes=least)
        with pytest.raises(TextTooLongError, match="would take more than") as caught:
            glass.trace(text)
        fields = caught.value.fields
        assert (fields["n_tokens"], fields["limit"]) == (n, tokens_within(plan, least))
        assert len(glass.trace("猫", target="a cat")) == len(get_trace(Asked("zh-en", text, "")))

    def test_those_of_the_app_may_take_half_of_all(self) -> None:
        glass = get_model("zh-en")
        assert glass.trace_bytes == most_bytes() // 2
        assert tokens_within(glass.plan, most_bytes() // 2) > glass.config.max_length  # no bundled one comes near it
