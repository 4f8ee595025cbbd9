"""The page of one layer: how its road is read, LayerNorm's statistics, the units, the sizes of all sub-layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from streamlit.testing.v1 import AppTest

from figures.base.labels import number
from figures.explore.stream_sizes import additions, lengths
from tests.translators import TRANSLATORS
from tests.ui.drawn import drawn, maps, numbers, told
from tests.ui.opened import components, notes, open_page, sound
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.trace import Trace
from ui.frame.text import LANGUAGES, dotted, t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

LAYER = "explore/layer.py"
CHINESE = "我有一只猫"
MODELS = TRANSLATORS
STACKS = ("encoder", "decoder")


def layer_page(**query: object) -> tuple[AppTest, Trace]:
    """The page of a layer, and the trace of what it shows."""
    query = {"lang": "en", "source": CHINESE, "model": DEFAULT_MODEL, **query}
    at = open_page(LAYER, **query)
    assert notes(at) == []
    return at, get_trace(Asked(str(query["model"]), str(query["source"]), str(query.get("target", ""))))


def stages(at: AppTest) -> list[str]:
    return [stage for stage, _ in components(at)["stepper"]["stages"]]


@pytest.mark.parametrize(("stack", "lang"), [*zip(STACKS, LANGUAGES, strict=True)])
@pytest.mark.parametrize("model", MODELS)
def test_one_sentence_says_how_to_read_the_road(model: str, stack: str, lang: str) -> None:
    at, _ = layer_page(model=model, source=examples(model)[0], stack=stack, lang=lang)
    blocks = dotted("layer.blocks_cross" if stack == "decoder" else "layer.blocks", lang)
    leads = [dotted(f"layer.lead_{norm}", lang, blocks=blocks) for norm in ("post", "pre")]
    shown = [lead for lead in leads if lead in [text.value for text in at.caption]]
    assert shown == [leads[model.endswith("prenorm")]]


@pytest.mark.slow
@pytest.mark.parametrize(("stack", "lang"), [*zip(STACKS, LANGUAGES, strict=True)])
@pytest.mark.parametrize("model", ["zh-en", "zh-en-prenorm"])
def test_the_road_has_the_layers_own_stops_and_the_sizes_last(model: str, stack: str, lang: str) -> None:
    for layer in (0, 2):
        at, _ = layer_page(model=model, stack=stack, layer=layer, lang=lang)
        found = stages(at)
        assert found[-1] == "sizes"
        norms = [stage for stage in found if stage.startswith(("ln", "norm"))]
        last = model == "zh-en-prenorm" and stack == "encoder" and layer == 2
        assert norms == ["ln1", "ln2", *(["ln3"] if stack == "decoder" else []), *(["norm"] if last else [])]
        labels = dict(components(at)["stepper"]["stages"])
        assert labels["sizes"] == t("stop.sizes", lang)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "stack", "stage", "path"),
    [
        ("zh-en", "encoder", "ln1", "encoder.2.ln1"),
        ("zh-en", "decoder", "ln3", "decoder.2.ln3"),
        ("zh-en-prenorm", "decoder", "ln1", "decoder.2.ln1"),
        ("zh-en-prenorm", "encoder", "norm", "encoder.norm"),
        ("en-fr", "decoder", "ln2", "decoder.2.ln2"),
    ],
)
def test_a_layer_norm_shows_its_rows_before_and_after(model: str, stack: str, stage: str, path: str) -> None:
    at, trace = layer_page(model=model, source=examples(model)[0], stack=stack, stage=stage)
    rows = [trace[find_formula(trace.plan, f"{path}.mean").sites[0]], trace[f"{path}.normalized"]]
    rows.append(trace[f"{path}.out"])
    panels = drawn(at)["norm_spread"]["data"]
    for array, panel in zip(rows, panels, strict=True):
        assert_allclose(numbers(panel["x"]), array.mean(axis=1), atol=1e-6)
        assert_allclose(numbers(panel["error_x"]["array"]), array.std(axis=1), rtol=1e-5)
    gamma, beta = drawn(at)["norm_scale"]["data"]
    assert_allclose(numbers(gamma["customdata"]), trace.parameters[f"{path}.gamma"], rtol=1e-6)
    assert_allclose(numbers(beta["customdata"]), trace.parameters[f"{path}.beta"], rtol=1e-6)
    for name in ("gamma", "beta"):
        assert number(float(trace.parameters[f"{path}.{name}"].max())) in told(at)
    assert any(r"\sigma^2_i + \epsilon" in formula.value for formula in at.latex)


@pytest.mark.slow
@pytest.mark.parametrize("stack", STACKS)
def test_the_units_are_those_of_the_layer(stack: str) -> None:
    at, trace = layer_page(stack=stack, stage="act", layer=1)
    act = trace[f"{stack}.1.ffn.act"]
    shown = maps(at)["units"]
    assert_allclose(shown["totals"]["shares"], (act == 0).mean(axis=1), atol=1e-6)
    written = np.abs(act) * np.linalg.norm(trace.parameters[f"{stack}.1.ffn.W_2"], axis=1)
    row, unit = divmod(int(written.argmax()), act.shape[1])
    assert shown["texts"][row][0] == str(unit)
    assert f"{unit}" in told(at)
    assert number(float(act[row, unit])) in told(at)
    assert f"{100 * (act == 0).mean():.1f} %" in told(at)


@pytest.mark.slow
@pytest.mark.parametrize(("stack", "lang"), [*zip(STACKS, LANGUAGES, strict=True)])
@pytest.mark.parametrize("model", ["zh-en", "zh-en-prenorm"])
def test_the_sizes_are_those_of_the_whole_stack_in_the_models_order(model: str, stack: str, lang: str) -> None:
    at, trace = layer_page(model=model, stack=stack, stage="sizes", lang=lang)
    assert components(at)["stepper"]["chosen"] == "sizes"
    sums = additions(trace, stack)
    before, added = drawn(at)["sizes_mean"]["data"]
    assert_allclose(numbers(before["x"]), [each.before.mean() for each in sums])
    assert_allclose(numbers(added["x"]), [each.added.mean() for each in sums])
    names = {name: t(f"layer.{name}", lang) for name in ("self_attn", "cross_attn", "ffn")}
    labels = [f"{each.layer} {names[each.name]}" for each in sums]
    assert drawn(at)["sizes_mean"]["layout"]["yaxis"]["ticktext"] == labels
    assert maps(at)["sizes_words"]["row_labels"] == labels
    norm = "pre" if model.endswith("prenorm") else "post"
    assert dotted(f"layer.sizes_{norm}", lang) in told(at)
    last = lengths(trace[f"{stack}.2.out"]).mean()
    assert f"{last:.1f}" in told(at)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["ln1", "act", "sizes"])
@pytest.mark.parametrize(
    "query",
    [
        {"source": "猫", "target": "cat"},
        {"source": "猫" * 63, "target": " ".join(["cat"] * 63)},
        {"source": "我<b>😀</b>$x$ ` 猫", "target": "I <i>have</i> $a$ *cat* `x`."},
    ],
    ids=["one word", "longest", "odd"],
)
def test_every_stop_is_drawn_for_hard_sentences(query: dict[str, Any], stage: str) -> None:
    stack = STACKS[-1]
    at, _ = layer_page(stack=stack, stage=stage, **query)
    assert components(at)["stepper"]["chosen"] == stage
    keys = {"ln1": ["norm_spread", "norm_scale"], "act": ["units"], "sizes": ["sizes_mean", "sizes_words"]}
    for key in keys[stage]:
        assert key in (drawn(at) | maps(at))


@pytest.mark.slow
def test_another_layer_shows_other_numbers() -> None:
    at, trace = layer_page(stage="ln1", stack="decoder", layer=2)
    sound(at.button_group(key="choose.layer").set_value(0).run())
    shown = numbers(drawn(at)["norm_scale"]["data"][0]["customdata"])
    assert_allclose(shown, trace.parameters["decoder.0.ln1.gamma"], rtol=1e-6)
    assert get_model(DEFAULT_MODEL).config.n_decoder_layers == 3
