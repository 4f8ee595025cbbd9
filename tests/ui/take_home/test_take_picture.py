"""Pictures that follow from a run are taken home whole: their numbers are those that their Python works out anew."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import transformer_core
from tests.ui.opened import ONE_LANGUAGE, components, open_page, sound
from ui.frame.text import t
from ui.state.models import get_model
from ui.take_home import picture as take_picture

SOURCE, OFF = "我有一只猫", "off:decoder.2.cross_attn:0,1,2,3"
# Page, stop, the component whose picture is saved, and a part of its code.
PLACES = [
    ("explore/architecture", "", "architecture-map", "head.probs"),
    ("explore/embedding", "similar", "alike_pos", "src_embed.pos"),
    ("explore/embedding", "order", "embedding-original", "compare_orders"),
    ("explore/layer", "sizes", "sizes_words", "all_sites"),
    ("explore/output", "layers", "output-layers", "read_early"),
    ("decode/unfold", "", "unfold-player", "glass.decode"),
    ("decode/forcing", "", "forcing_runs", "head.probs"),
    ("decode/search", "", "search-beam", "Beam("),
    ("explore/heads", "", "all_heads", "measures_of"),
    ("learn/masks", "", "mask_drawing", ".mask"),
    ("learn/what_if", "", "importance_map", "head_importance"),
]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the buttons would save, by kind; and the models, which snippets get without loading them again."""
    made: dict[str, Any] = {}
    monkeypatch.setattr(
        take_picture, "download", lambda place, kind, name, lang, make, **facts: made.update({kind: make})
    )
    monkeypatch.setattr(transformer_core, "load_model", get_model, raising=False)
    return made


def values_of(code: str) -> np.ndarray:
    found: dict[str, Any] = {}
    exec(compile(code, "snippet", "exec"), found)
    return np.asarray(found["values"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "stage", "chart", "says"), PLACES, ids=[p[0].partition("/")[2] + p[1] for p in PLACES]
)
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_everything_is_offered_and_the_numbers_are_true(
    path: str, stage: str, chart: str, says: str, lang: str, files: dict[str, Any]
) -> None:
    page = path.partition("/")[2]
    at = open_page(f"{path}.py", lang=lang, source=SOURCE, **({"stage": stage} if stage else {}))
    assert [box.proto.popover.label for box in at.get("popover")].count(t("export.open", lang)) == 1
    assert "pictures" not in components(at)
    at.session_state[f"{page}-{stage}.export" if stage else f"{page}.export"] = True
    sound(at.run())
    assert components(at)["pictures"]["chart"] == f"st-key-{chart}"
    (code,) = [block.value for block in at.code]
    assert says in code
    with np.load(io.BytesIO(files["npz"]())) as found:
        assert_allclose(found["values"], values_of(code), atol=6e-6)
        n_rows, n_columns = found["values"].shape
        assert (len(found["rows"]), len(found["columns"]) or n_columns) == (n_rows, n_columns)
        words = "texts" in found
    lines = list(csv.reader(io.StringIO(files["csv"]().decode("utf-8-sig"))))
    assert (len(lines), len(lines[0])) == (n_rows + 1, n_columns * (1 + words) + 1)
    report = files["report"]().decode()
    assert t(f"page.{page}", lang) in report
    assert files["trace"]()[:2] == b"PK"


@pytest.mark.slow
def test_the_run_of_the_readers_rule_and_edits_is_the_one_that_is_taken(files: dict[str, Any]) -> None:
    at = open_page("decode/unfold.py", lang="en", source=SOURCE, rule="sampling", seed=3)
    at.session_state["unfold.export"] = True
    sound(at.run())
    code = at.code[0].value
    assert "Sampling(" in code
    assert "seed=3" in code
    with np.load(io.BytesIO(files["npz"]())) as found:
        assert_allclose(found["values"], values_of(code), atol=6e-6)
    at = open_page("explore/layer.py", lang="en", source=SOURCE, stage="sizes", edits=OFF)
    at.session_state["layer-sizes.export"] = True
    sound(at.run())
    with np.load(io.BytesIO(files["npz"]())) as found:
        assert_allclose(found["values"], values_of(at.code[0].value), atol=6e-6)
