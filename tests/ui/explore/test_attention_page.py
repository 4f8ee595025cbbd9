"""The page of attention: where Q, K and V come from, the two masks, the worked example, what the heads write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from streamlit.testing.v1 import AppTest

from figures.learn.mask_leak import mask_both_ways
from tests.core.tiny import VARIANTS, make_model, trace_of
from tests.translators import TRANSLATORS
from tests.ui.drawn import TOLD, drawn, maps, told
from tests.ui.opened import BLOCKS, MODELS_IN_TURN, ONE_LANGUAGE, components, notes, open_page, sound
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import with_role
from ui.explore.attention import EXAMPLE
from ui.frame.text import LANGUAGES, SEPARATOR, dotted, t
from ui.learn.masks.leak import unmasked_key, with_another_word
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

CHINESE, ENGLISH = "我有一只猫", "I have a cat."
MODELS = TRANSLATORS
NAMES = [".".join(block) for block in BLOCKS]


def attention_page(**query: object) -> tuple[AppTest, Trace]:
    """The page of attention, and the trace of what it shows."""
    query = {"lang": "en", "source": CHINESE, "model": DEFAULT_MODEL, **query}
    at = open_page(**query)
    assert notes(at) == []
    return at, get_trace(Asked(str(query["model"]), str(query["source"]), str(query.get("target", ""))))


def origins(at: AppTest) -> list[str]:
    """What Q, K and V are made of, in the picture of that."""
    return [key for *_, key, _, _ in components(at)["wiring"]["origins"]]


@pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
def test_cross_attention_says_that_the_source_answers_in_every_layer(model: str, lang: str) -> None:
    at, _ = attention_page(model=model, source=examples(model)[0], stage="q", layer=1, lang=lang)
    query = "decoder.1.ln1.out" if model != "zh-en-prenorm" else "decoder.1.ln2.out"
    assert t("attention.origin_cross", lang, query=query, memory="encoder.out") in told(at)
    keys = [f"`decoder.{i}.cross_attn.{name}`" for i in range(3) for name in "kv"]
    assert f"- `encoder.out` → {SEPARATOR.join(keys)}" in told(at)
    assert f"- `{query}` → `decoder.1.cross_attn.q`" in told(at)
    assert "encoder.out" in origins(at)


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["encoder", "decoder"])
def test_self_attention_says_that_all_three_are_made_of_the_same_rows(stack: str) -> None:
    at, _ = attention_page(stack=stack, block="self_attn", stage="q", layer=0)
    assert dotted("attention.origin_self", "en", query=f"{stack}.0.input") in told(at)
    assert f"- `{stack}.0.input` → " + SEPARATOR.join(f"`{stack}.0.self_attn.{name}`" for name in "qkv") in told(at)
    assert f"{stack}.0.input" in origins(at)
    assert "encoder.out" not in origins(at)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_worked_example_is_computed(lang: str) -> None:
    at, _ = attention_page(stage="scores_scaled", lang=lang)
    assert [each.label for each in at.expander] == [t("attention.example_title", lang)]
    assert len(at.expander[0].latex) == 0  # closed, it costs nothing
    at.session_state[EXAMPLE] = True
    at = sound(at.run())
    steps = [formula.value.strip("$\n") for formula in at.expander[0].latex]
    assert steps[1] == r"\frac{112}{8} = 14 \qquad \frac{96}{8} = 12"
    assert "= 0.88" in steps[2]
    assert "= 0.12" in steps[2]
    assert "Alammar" in at.expander[0].markdown[0].value


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", ["zh-en", "zh-en-prenorm"])
def test_what_the_heads_write_adds_up_in_the_chosen_row(model: str, name: str) -> None:
    stack, block = name.split(".")
    at, trace = attention_page(model=model, stack=stack, block=block, layer=1, stage="out", cell="2,7")
    path = f"{stack}.1.{block}"
    parts = [*trace[f"{path}.head_out"][:, 2], trace.parameters[f"{path}.b_O"]]
    shown = maps(at)["writes"]["cells"]
    assert_allclose(shown[:5], parts, atol=TOLD)
    assert np.isnan(shown[5]).all()
    assert_allclose(shown[6], trace[f"{path}.out"][2], atol=TOLD)


@pytest.mark.slow
def test_how_much_each_head_writes_is_drawn_where_one_of_them_is_looked_at() -> None:
    at, trace = attention_page(stage="head_out", layer=2, head=1)
    sizes = maps(at)["writes_sizes"]["cells"]
    assert_allclose(sizes, np.linalg.norm(trace["decoder.2.cross_attn.head_out"], axis=2), rtol=1e-5)


@pytest.mark.slow
def test_without_a_chosen_row_it_is_the_one_that_the_panel_explains() -> None:
    at, trace = attention_page(stage="out", layer=2)
    row = at.session_state["row"]
    shown = maps(at)["writes"]["cells"]
    assert_allclose(shown[6], trace["decoder.2.cross_attn.out"][row], atol=TOLD)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_both_ways_to_mask_stand_side_by_side(lang: str, name: str) -> None:
    stack, block = name.split(".")
    at, trace = attention_page(stack=stack, block=block, layer=1, head=2, stage="scores", lang=lang)
    path = "decoder.1.self_attn"
    found = mask_both_ways(trace[f"{path}.scores_scaled"][2], trace[f"{path}.mask"])
    for key, weights in (("mask_added", found.added), ("mask_multiplied", found.multiplied)):
        heat = maps(at)[key]
        assert_allclose(np.where(np.isinf(heat["cells"]), 0, heat["cells"]), weights, atol=1e-6)
        assert_allclose(heat["totals"]["shares"], weights.sum(axis=1), atol=1e-6)
    elsewhere = dotted("mask_leak.elsewhere", lang, here=f"{stack}.1.{block}", path=path, head=2)
    assert (elsewhere in told(at)) == (name != "decoder.self_attn")
    assert_allclose(found.added, trace[f"{path}.weights"][2], atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_whatever_is_done_to_scores_the_mask_comes_last(variant: str) -> None:
    trace = trace_of(make_model(VARIANTS[variant]))
    for block in with_role(trace.plan, "attention"):
        for head, scores in enumerate(trace[unmasked_key(trace.plan, block.path)]):
            found = mask_both_ways(scores, trace[f"{block.path}.mask"])
            assert_allclose(found.added, trace[f"{block.path}.weights"][head], rtol=0, atol=1e-12)


def test_the_second_run_differs_in_one_word_and_leaves_the_past_as_it_was() -> None:
    asked = Asked(DEFAULT_MODEL, CHINESE, ENGLISH)
    trace, position = get_trace(asked), 3
    word, scores = with_another_word(asked, position)
    assert word not in (trace.target_tokens[position], "<s>", "</s>", "<pad>")
    for path, array in scores.items():
        before = trace[f"{path}.scores_scaled"]
        assert array.shape == before.shape
        assert_allclose(array[:, :position, :position], before[:, :position, :position], atol=1e-5)
        assert np.abs(array[:, :position, position] - before[:, :position, position]).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        {"source": "猫", "target": "cat"},
        {"source": "猫" * 63, "target": " ".join(["cat"] * 63)},
        {"source": "我<b>😀</b>$x$ ` 猫", "target": "I <i>have</i> $a$ *cat* `x`."},
        {"model": "en-fr", "source": "I have a cat."},
        {"model": "zh-en-prenorm"},
    ],
    ids=["one word", "longest", "odd", "french", "pre-norm"],
)
@pytest.mark.parametrize("stage", ["q", "scores", "head_out", "out"])
def test_every_stop_is_drawn_for_hard_sentences(stage: str, query: dict[str, Any]) -> None:
    lang = LANGUAGES[-1]
    at, _ = attention_page(stage=stage, lang=lang, **query)
    wanted = {
        "q": set(),
        "scores": {"mask_added", "mask_multiplied"},
        "head_out": {"writes_sizes"},
        "out": {"writes"},
    }
    assert {key for key in (*drawn(at), *maps(at)) if not key.startswith("map0")} - {"map1", "map2"} == wanted[stage]
    assert ("wiring" in components(at)) == (stage == "q")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
@pytest.mark.parametrize("shape", ["no decoder", "one word"])
def test_where_nothing_is_blocked_that_is_said(shape: str, lang: str) -> None:
    def script(shape: str, lang: str) -> None:
        from tests.core.tiny import make_config, make_model, trace_of
        from ui.learn.masks.leak import show_mask_leak
        from ui.state.view import View

        model = make_model(make_config("encoder-only" if shape == "no decoder" else "encoder-decoder"))
        view = View(lang=lang, stack="encoder", block="self_attn", layer=1)
        show_mask_leak(view, trace_of(model, target=[1]))

    at = sound(AppTest.from_function(script, kwargs={"shape": shape, "lang": lang}).run())
    assert dotted("mask_leak.nothing", lang) in told(at)
    assert maps(at) == {}
