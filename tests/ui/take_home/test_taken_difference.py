"""What is taken home of a difference is the difference that is shown: numbers, names, header, and the Python."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

import transformer_core
from tests.ui.drawn import TOLD, maps
from tests.ui.opened import sound
from tests.ui.state.test_both_runs import EDITS, PATH, both, opened
from ui.frame.text import t
from ui.state.models import get_model
from ui.take_home import export
from ui.take_home import picture as take_picture

pytestmark = pytest.mark.slow


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the buttons would save, by kind, and their names; snippets get the models without loading them again."""
    made: dict[str, Any] = {"names": []}

    def download(place: str, kind: str, name: str, lang: str, make: Any, **facts: object) -> None:
        made["names"].append(name)
        made[kind] = make

    for module in (export, take_picture):
        monkeypatch.setattr(module, "download", download)
    monkeypatch.setattr(transformer_core, "load_model", get_model, raising=False)
    return made


def run_code(at: AppTest, name: str) -> NDArray[Any]:
    found: dict[str, Any] = {}
    exec(compile(at.code[0].value, "snippet", "exec"), found)
    return np.asarray(found[name])


@pytest.mark.parametrize(
    ("page", "stage", "chart"),
    [
        ("architecture", "", ""),
        ("embedding", "similar", "alike_pos"),
        ("embedding", "order", "embedding.original"),
        ("layer", "sizes", "sizes_words"),
        ("output", "layers", ""),
    ],
)
def test_a_picture_is_taken_home_as_the_difference_it_shows(
    page: str, stage: str, chart: str, files: dict[str, Any]
) -> None:
    at = opened(f"explore/{page}", stack="encoder", **({"stage": stage} if stage else {}))
    at.session_state[f"{page}-{stage}.export" if stage else f"{page}.export"] = True
    sound(at.run())
    with np.load(io.BytesIO(files["npz"]())) as found:
        values, name = found["values"], str(found["value"])
    assert (values < 0).any()
    assert_allclose(values, run_code(at, "values"), atol=6e-6)
    assert name.endswith(t("edit_run.subtracted", "en"))
    if chart:
        assert_allclose(maps(at)[chart]["cells"], values, atol=TOLD)
    head = next(csv.reader(io.StringIO(files["csv"]().decode("utf-8-sig"))))
    assert t("edit_run.subtracted", "en") in "".join(head)
    csv_name, npz_name, trace_name, report_name = files["names"][-4:]
    assert all("difference" in one for one in (csv_name, npz_name, report_name))
    assert "edited" in trace_name
    assert EDITS in files["report"]().decode()


@pytest.mark.parametrize(
    ("page", "key", "query"),
    [
        ("attention", f"{PATH}.scores", {"stack": "decoder", "block": "self_attn", "stage": "scores"}),
        ("layer", "encoder.0.ffn.out", {"stack": "encoder", "stage": "ffn"}),
    ],
)
def test_a_map_is_taken_home_as_the_difference_it_shows(
    page: str, key: str, query: dict[str, str], files: dict[str, Any]
) -> None:
    at = opened(f"explore/{page}", **query)
    at.session_state[f"{page}.export"] = True
    sound(at.run())
    edited, original = (run[key].astype(float) for run in both())
    with np.load(io.BytesIO(files["npz"]())) as found:
        values = found["values"]
        assert (str(found["run"]), str(found["edits"])) == ("difference", EDITS)
    there = np.isfinite(edited)
    assert_array_equal(values[there], edited[there] - original[there])
    assert np.isnan(values[~there]).all()
    assert_array_equal(values, run_code(at, "value"))
    table = list(csv.reader(io.StringIO(files["csv"]().decode("utf-8-sig"))))
    assert table[0][0].endswith("edited - original")
    assert_array_equal(
        np.array([line[1:] for line in table[1:]]).astype(float), values[0] if values.ndim == 3 else values
    )
    shown = maps(at)["map0"]["cells"]
    assert_allclose(
        shown[np.isfinite(shown)],
        np.array([line[1:] for line in table[1:]]).astype(float)[np.isfinite(shown)],
        atol=TOLD,
    )
    names = files["names"][-4:]
    assert ["difference" in one for one in names] == [True, True, False, True]
    assert "edited" in names[2]
