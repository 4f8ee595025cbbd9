"""A model whose heads share keys and values, and whose scores are not divided, which no bundled one does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from figures.learn.mask_leak import mask_both_ways
from tests.ui.drawn import maps
from tests.ui.little_models import TEXTS, little_models
from tests.ui.opened import components, open_page
from transformer_core.models.files import load_model
from ui.frame.text import t
from ui.state.models import Asked
from ui.state.view import View
from ui.take_home.export import report_page

MODEL = "twelve"
SOURCE = TEXTS[MODEL]


@pytest.fixture(scope="module", autouse=True)
def _known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with little_models(tmp_path_factory.mktemp("models")):
        yield


def opened(**query: object) -> AppTest:
    """The page of attention of a model."""
    return open_page("explore/attention.py", lang="en", model=MODEL, source=SOURCE, **query)


def test_scores_without_a_scale_are_masked_both_ways() -> None:
    trace, path, head = load_model(MODEL).trace(SOURCE), "decoder.3.self_attn", 7
    assert f"{path}.scores_scaled" not in trace
    at = opened(layer=3, head=head, stage="scores")
    found = mask_both_ways(trace[f"{path}.scores_raw"][head], trace[f"{path}.mask"])
    for key, weights in (("mask_added", found.added), ("mask_multiplied", found.multiplied)):
        cells = maps(at)[key]["cells"]
        np.testing.assert_allclose(np.where(np.isinf(cells), 0, cells), weights, atol=1e-6)
    np.testing.assert_allclose(found.added, trace[f"{path}.weights"][head], atol=1e-5)
    formulas = [formula.value for formula in at.latex]
    assert sum("softmax" in formula for formula in formulas) >= 2
    assert not [formula for formula in formulas if "s'" in formula]


@pytest.mark.slow
def test_keys_of_a_shared_head_are_shown_with_each_head_that_reads_them() -> None:
    trace, path = load_model(MODEL).trace(SOURCE), "decoder.3.self_attn"
    shown = components(opened(layer=3, head=7, site=f"{path}.k", cell="1,2"))
    assert shown["explain"]["place"] == f"{path}.k[2,1,2]"
    assert t("axis_name.G", "en", i=2) in shown["explain"]["where"]
    at = opened(layer=3, head=7, stage="q")
    np.testing.assert_allclose(maps(at)["map1"]["cells"], trace[f"{path}.k"][2], atol=1e-5)


def test_a_report_names_a_model_once_and_every_field_of_its_shape() -> None:
    glass = load_model(MODEL)
    view = View(model=MODEL, source=SOURCE, stack="decoder", block="self_attn", layer=0)
    made = report_page(Asked(MODEL, view.source, ""), view, glass.trace(view.source), ("x",), list, "light").decode()
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", made))
    assert facts[t("report.name", "en")] == MODEL
    assert facts["attention.n_kv_heads"] == str(glass.config.n_kv_heads)
    assert facts["embedding.norm"] == str(glass.config.embedding.norm)
    assert not [fact for fact in facts.values() if "{" in fact]
