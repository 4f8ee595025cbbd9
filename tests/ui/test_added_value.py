"""A new value is two things, its place in a block's plan and its hook point; all else walks over the plan.

The entropy of every query's weights is added here to every attention block, by nothing but these two: the trace, the
formula, the explanation, edits, the pages, what is taken home and files pick it up.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torch import Tensor

from tests.core.explained import SINGLE_PRECISION, check_inputs, check_sites
from tests.ui.little_models import TEXTS, little_models
from tests.ui.opened import components, notes, open_page, sound, warnings
from transformer_core.edits.parse import parse_edits
from transformer_core.glass.files import plan_files
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers
from transformer_core.glass.formula.cells import Array, Cell, taken
from transformer_core.glass.formulas import find_formula, provenance
from transformer_core.glass.hooks import HookPoint
from transformer_core.glass.plan import Block, Value
from transformer_core.glass.trace import Trace
from transformer_core.models.files import load_model
from transformer_core.transformer import layers
from transformer_core.transformer.modules.attention import Attention
from transformer_core.transformer.plans import transformer_plan, whole
from ui.frame.text import LANGUAGES, texts
from ui.state.places import place_of
from ui.take_home import export

NAME, MODELS = "entropy", ("little-filler", "little-teller", "little-translator", "twelve")


@dataclass(frozen=True, kw_only=True)
class Entropy(Formula):
    """The entropy of every row of shares, in nats."""

    def computed(self, trace: Numbers) -> Array:
        w = trace.numbers(self.sites[0])
        result: Array = -(w * np.log(np.where(w > 0, w, 1.0))).sum(axis=-1, keepdims=True)
        return result

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (site,) = self.sites
        row = taken("w_{i,j}", trace[site], site, (*index[:-1], None))
        values = -row.values * np.log(np.where(row.values > 0, row.values, 1.0))
        return self._cell(trace, index, operations.SUM, values.sum(), axis="K", values=values, factors=(row,))


def with_entropy(block: Block) -> Block:
    """The block with the value behind its weights."""
    formula = Entropy(kind=NAME, latex=r"H_i = -\sum_j w_{i,j} \ln w_{i,j}", inputs=(".weights",))
    n = 1 + next(i for i, value in enumerate(block.values) if value.name == "weights")
    return replace(block, values=(*block.values[:n], Value(NAME, "HQ1", "signed", formula), *block.values[n:]))


class Followed(HookPoint):
    """A hook point behind which another value is computed."""

    def forward(self, x: Tensor, row: int | None = None) -> Tensor:
        x = super().forward(x, row)
        vars(self)["follower"](torch.special.entr(x).sum(dim=-1, keepdim=True))
        return x

    __call__ = forward


class WithEntropy(Attention):
    """Attention that computes the value."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.entropy = HookPoint()  # [B, H, Q, 1]
        self.weights = Followed()
        vars(self.weights)["follower"] = self.entropy  # no part of it: its name is that of the block's


@pytest.fixture(scope="module", autouse=True)
def _known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with little_models(tmp_path_factory.mktemp("models")):
        yield


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plain = whole.attention_block
    transformer_plan.cache_clear()
    monkeypatch.setattr(whole, "attention_block", lambda *given, **more: with_entropy(plain(*given, **more)))
    monkeypatch.setattr(layers, "Attention", WithEntropy)
    monkeypatch.setitem(plan_files._RECORDS, "Entropy", Entropy)  # a formula's file is listed there as a whole
    for lang in LANGUAGES:
        for section in ("value_name", "value_look", "stop"):
            monkeypatch.setitem(texts(lang), f"{section}.{NAME}", "How many words are looked at")
    yield
    transformer_plan.cache_clear()


def traced(model: str) -> tuple[Trace, list[str]]:
    """A run, and the keys of the value."""
    trace = load_model(model).trace(TEXTS[model])
    return trace, [key for key in trace if trace.site(key).name == NAME]


@pytest.mark.parametrize("model", MODELS)
def test_it_is_traced_recomputed_and_explained_in_every_block(model: str) -> None:
    trace, keys = traced(model)
    assert len(keys) == len([block for block in trace.plan.blocks if block.role == "attention"])
    for key in keys:
        weights = find_formula(trace.plan, key).sites[0]
        assert trace[key].shape == (*trace[weights].shape[:2], 1)
        assert weights in provenance(trace.plan, key)
        cell = find_formula(trace.plan, key).terms(trace, (0, 1, 0))
        check_inputs(trace, cell)
        assert_allclose([cell.total, cell.values.sum()], cell.value, rtol=0, atol=SINGLE_PRECISION)
    check_sites(trace, SINGLE_PRECISION)


def test_it_is_edited_and_kept_in_a_file(tmp_path: Path) -> None:
    glass, (trace, keys) = load_model("little-translator"), traced("little-translator")
    edited = glass.trace(TEXTS["little-translator"], edits=parse_edits(f"zero:{keys[1]}:0", glass.plan))
    assert not edited[keys[1]][:, 0].any()
    assert_array_equal(edited[keys[1]][:, 1:], trace[keys[1]][:, 1:])
    trace.save(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz")
    assert_array_equal(again[keys[0]], trace[keys[0]])
    assert_allclose(find_formula(again.plan, keys[0]).recompute(again), trace[keys[0]], rtol=0, atol=1e-6)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_has_a_stop_a_picture_and_a_panel_and_is_taken_home(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(export, "download", lambda place, kind, name, lang, make, **facts: made.update({kind: make}))
    model = "little-translator"
    trace, keys = traced(model)
    key = keys[-1]
    place = place_of(trace.plan, key)
    link = {"stack": place.stack, "layer": place.layer, "block": place.block, "stage": place.stage}
    at = open_page(f"explore/{place.page}.py", model=model, lang=lang, source=TEXTS[model], **link, head=2, cell="1,0")
    shown = components(at)
    assert shown["heatmap"]["name"] == key
    assert NAME in [stage for stage, _ in shown["stepper"]["stages"]]
    assert "=" in shown["explain"]["symbols"]
    at.session_state[f"{place.page}.export"] = True
    sound(at.run())
    assert key in at.code[0].value
    with np.load(io.BytesIO(made["npz"]())) as found:
        assert any(array.shape == trace[key].shape and np.array_equal(array, trace[key]) for array in found.values())
    assert NAME.encode() in made["csv"]()
    edited = open_page(
        f"explore/{place.page}.py", model=model, lang=lang, source=TEXTS[model], **link, edits=f"zero:{key}:1"
    )
    assert (notes(edited), len(warnings(edited))) == ([], len(warnings(at)))
