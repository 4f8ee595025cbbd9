"""Maps of products: which values are some, what stands around them, and that it adds up to what the run computed."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.core.tiny import VARIANTS, make_model, trace_of
from tests.figures.uncoarse import uncoarse
from tests.ui.drawn import maps
from tests.ui.opened import BLOCKS, ONE_LANGUAGE, components, open_page
from transformer_core.glass.sites import all_sites
from transformer_core.glass.walks import with_role
from ui.parts.products import multiplied
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

CHINESE = "我有一只猫"


def around(**query: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The first map of the page of attention, and what stands around it."""
    at = open_page(source=CHINESE, model=DEFAULT_MODEL, **query)
    found = maps(at)["map0"]
    return {**found, "factors": components(at)["explain"]["factors"]}, found.get("product")


def numbers(side: dict[str, Any]) -> Any:
    return uncoarse(side["cells"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_score_and_every_mixture_is_the_product_that_its_formula_says(variant: str) -> None:
    trace = trace_of(make_model(VARIANTS[variant]))
    plan = trace.plan
    for block in with_role(plan, "attention"):
        heads = trace[f"{block.path}.scores_raw"].shape[0]
        for name in ("scores_raw", "z", *(["scores_scaled"] if f"{block.path}.scores_scaled" in trace else [])):
            found = multiplied(plan, f"{block.path}.{name}")
            assert found is not None, name
            left, top = trace[found.left], trace[found.top]
            top = top.repeat(heads // top.shape[0], axis=0)  # heads that share theirs
            result = left @ (top.swapaxes(1, 2) if found.turned else top) / found.by
            assert_allclose(result, trace[f"{block.path}.{name}"], rtol=0, atol=1e-10)
            assert found.turned == (name != "z")
    others = {site.name for site in all_sites(plan) if multiplied(plan, site.key)}
    assert others <= {"scores_raw", "scores_scaled", "z"}


@pytest.mark.parametrize(("stack", "block"), BLOCKS)
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_what_stands_around_the_cells_adds_up_to_them(lang: str, stack: str, block: str) -> None:
    for stage in ("scores_raw", "scores_scaled", "z"):
        row, column = 3, 2
        cell = {"cell": f"{row},{column}"}
        shown, product = around(lang=lang, stack=stack, block=block, layer=1, head=2, stage=stage, **cell)
        assert product is not None
        n, columns = product["n"], shown["columns"]
        left, top = numbers(product["left"]).reshape(-1, n), numbers(product["top"]).reshape(n, columns)
        by = product["divided"]["by"] if product["divided"] else 1
        assert (by == 1) == (stage != "scores_scaled")
        assert_allclose(np.where(np.isinf(left), 0, left) @ top / by, shown["cells"], atol=0.7)
        exact = [
            np.frombuffer(base64.b64decode(shown["factors"][side]), "<f4").astype(float) for side in ("left", "top")
        ]
        assert exact[0] @ exact[1] / by == pytest.approx(shown["cells"][row, column], abs=2e-5)
        assert_allclose(
            exact[0], np.where(np.isinf(left[row]), 0, left[row]), atol=product["left"]["cells"]["reach"] / 250
        )
        assert_allclose(exact[1], top[:, column], atol=product["top"]["cells"]["reach"] / 250)
        words = get_trace(Asked(DEFAULT_MODEL, CHINESE, "")).words_of("source" if stack == "encoder" else "target")
        assert shown["rows"] == len(words.read)
        assert len(product["terms"]) == (n if stage == "z" else 0)


@pytest.mark.parametrize(
    "query",
    [
        {"stage": "weights"},
        {"stage": "q"},
        {"stage": "out"},
        {"stage": "scores_raw", "edits": "zero:decoder.2.cross_attn.scores_raw:1"},
        {"stage": "scores_raw", "edits": "off:decoder.0.cross_attn:1", "run": "difference"},
    ],
)
def test_what_is_no_product_in_this_run_stands_alone(query: dict[str, str]) -> None:
    shown, product = around(lang="en", layer=2, **query)
    assert product is None
    assert (shown["factors"] is None) == (query.get("run") != "difference")
