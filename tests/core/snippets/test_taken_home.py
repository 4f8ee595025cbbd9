"""What leaves the app works without it: the Python snippet of any value, and a saved trace without torch."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import transformer_core
from transformer_core import all_formulas, all_parameters, load_model, parse_edits, run_difference
from transformer_core.models.glass import Glass
from transformer_core.snippets.cell import snippet
from transformer_core.snippets.study import (
    How,
    RunOf,
    importance_snippet,
    measures_set_snippet,
    measures_snippet,
    patching_snippet,
    runs_snippet,
    spread_snippet,
)

ROOT = Path(__file__).resolve().parents[3]
MODELS = ("zh-en", "zh-en-prenorm", "en-fr")
SOURCES = {"zh-en": "我有一只猫", "zh-en-prenorm": "我有一只猫", "en-fr": "I have a cat ."}
HARD = ("'\"\\", '"""', "{x} {0} %s", "line\nline\ttab", "</script><script>", "\u2028 ไม่ 😀", "'); import os #")

CUT = "-" * 8  # between what two snippets print
RUN_EACH = f"""
import json, sys
for number, code in enumerate(json.load(sys.stdin)):
    if number:
        print({CUT!r})
    exec(compile(code, "snippet", "exec"), {{"__name__": "__main__"}})
"""

READ_BACK = """
import sys
for name in ("torch", "tokenizers", "safetensors", "streamlit", "plotly"):
    sys.modules[name] = None
from transformer_core import Trace, difference, find_parameter
for path in sys.argv[1:]:
    trace = Trace.load(path)
    furthest = max(difference(trace, key) for key in trace)
    for name, value in trace.parameters.items():
        assert len(find_parameter(trace.plan, name).axes) == value.ndim, name
    print(len(trace), len(trace.parameters), furthest, *trace.source_tokens, *trace.written_tokens)
"""


@pytest.fixture(scope="module")
def models() -> dict[str, Glass]:
    return {name: load_model(name) for name in MODELS}


@pytest.fixture
def loaded(models: dict[str, Glass], monkeypatch: pytest.MonkeyPatch) -> dict[str, Glass]:
    """The models, which snippets get without loading them again."""
    monkeypatch.setattr(transformer_core, "load_model", models.__getitem__, raising=False)
    return models


def run(code: str) -> dict[str, Any]:
    """What a snippet leaves behind in a notebook."""
    found: dict[str, Any] = {}
    exec(compile(code, "snippet", "exec"), found)
    return found


def middle(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n // 2 for n in shape)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_snippet_of_every_kind_of_site_says_what_the_trace_says(name: str, loaded: dict[str, Glass]) -> None:
    trace = loaded[name].trace(SOURCES[name])
    kinds = {formula.kind: key for key, formula in all_formulas(trace.plan).items()}
    assert len(kinds) > 20
    for key in kinds.values():
        cell = middle(trace[key].shape)
        found = run(snippet(trace.plan, name, SOURCES[name], "", key, cell))
        assert found["cell"] == cell
        np.testing.assert_array_equal(found["value"], trace[key], err_msg=key)
        assert found["recomputed"].shape == trace[key].shape
        assert found["difference"](found["trace"], key) < 1e-5, key


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_snippet_of_every_kind_of_parameter_says_what_the_model_has(name: str, loaded: dict[str, Glass]) -> None:
    trace = loaded[name].trace(SOURCES[name])
    kinds = {parameter.name.rpartition(".")[2]: parameter.name for parameter in all_parameters(trace.plan)}
    assert len(kinds) > 10
    for key in kinds.values():
        found = run(snippet(trace.plan, name, SOURCES[name], "", key, middle(trace.parameters[key].shape)))
        np.testing.assert_array_equal(found["value"], trace.parameters[key], err_msg=key)


@pytest.mark.slow
@pytest.mark.parametrize(
    "key",
    ["decoder.1.self_attn.scores", "decoder.2.cross_attn.weights", "head.probs", "encoder.out"],
)
def test_the_snippet_of_a_difference_subtracts_two_runs(key: str, loaded: dict[str, Glass]) -> None:
    glass, text = loaded["zh-en"], "off:encoder.0.self_attn:0;forbid:decoder.0.self_attn:2-1"
    edits = parse_edits(text, glass.plan)
    wanted = run_difference(glass.trace(SOURCES["zh-en"], edits=edits), glass.trace(SOURCES["zh-en"]), key)
    found = run(snippet(glass.plan, "zh-en", SOURCES["zh-en"], "", key, middle(wanted.shape), text, difference=True))
    np.testing.assert_array_equal(found["value"], wanted)
    assert np.nanmax(np.abs(wanted)) > 0


def test_no_parameter_has_a_difference(models: dict[str, Glass]) -> None:
    told = (models["zh-en"].plan, "zh-en", "猫", "", "encoder.0.ln1.gamma", (0,), "off:encoder.0.self_attn:0")
    assert snippet(*told, difference=True) == snippet(*told)


@pytest.mark.parametrize("text", HARD)
def test_what_was_typed_stays_a_string(text: str, loaded: dict[str, Glass]) -> None:
    key = "decoder.2.cross_attn.weights"
    code = snippet(loaded["zh-en"].plan, "zh-en", text, text, key, (0, 0, 0))
    assert text.isprintable() or text not in code
    found = run(code)
    trace = loaded["zh-en"].trace(text, target=text)
    assert found["trace"].source_tokens == trace.source_tokens
    assert found["trace"].written_tokens == trace.written_tokens
    np.testing.assert_array_equal(found["value"], trace[key])


def test_without_a_target_the_model_writes_its_own_translation(loaded: dict[str, Glass]) -> None:
    code = snippet(loaded["zh-en"].plan, "zh-en", "我有一只猫", "", "head.logits", (0, 0))
    assert "target=" not in code
    found = run(code)
    assert found["trace"].written_tokens == loaded["zh-en"].translate("我有一只猫").tokens


@pytest.mark.slow
def test_snippets_run_as_they_are_next_to_the_clone(models: dict[str, Glass]) -> None:
    """Each in a namespace of its own, all in a process of their own, which computes on as many threads as it likes."""
    keys = ("decoder.2.cross_attn.weights", "decoder.0.self_attn.scores", "encoder.0.ln1.gamma")
    trace = models["zh-en"].trace("我有一只猫", target="I have a cat.")
    arrays = [trace.parameters[key] if key.endswith("gamma") else trace[key] for key in keys]
    cells = [middle(array.shape) for array in arrays]
    texts = ("zh-en", "我有一只猫", "I have a cat.")
    codes = [snippet(trace.plan, *texts, key, cell) for key, cell in zip(keys, cells, strict=True)]
    command = [sys.executable, "-c", RUN_EACH]
    done = subprocess.run(command, input=json.dumps(codes).encode(), cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    for key, array, cell, said in zip(keys, arrays, cells, done.stdout.decode().split(CUT), strict=True):
        value = re.search(r"^value\[cell\] = np\.float32\((.+)\)$", said, flags=re.MULTILINE)
        assert value, said
        assert float(value[1]) == pytest.approx(float(array[cell]), rel=1e-5, abs=1e-5)
        assert ("difference(trace, key) = " in said) is not key.endswith("gamma")


@pytest.mark.slow
def test_saved_traces_are_read_and_recomputed_without_torch(models: dict[str, Glass], tmp_path: Path) -> None:
    traces = [models[name].trace(SOURCES[name]) for name in MODELS]
    paths = [tmp_path / f"{name}.npz" for name in MODELS]
    for trace, path in zip(traces, paths, strict=True):
        trace.save(path)
    command = [sys.executable, "-c", READ_BACK, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for trace, line in zip(traces, done.stdout.splitlines(), strict=True):
        n_sites, n_parameters, furthest, *words = line.split()
        assert (int(n_sites), int(n_parameters)) == (len(trace), len(trace.parameters))
        assert float(furthest) < 1e-5
        assert words == [*trace.source_tokens, *trace.written_tokens]


@pytest.mark.parametrize("text", HARD)
def test_whatever_was_typed_stays_a_string_in_snippets_of_several_runs(text: str) -> None:
    run = RunOf(model="zh-en", source=text, target=text, edits=text, path="decoder.0.cross_attn")
    codes = [
        *(runs_snippet(value, [run, run], how) for value in ("scores", "right") for how in get_args(How)),
        measures_snippet("zh-en", ["decoder.0.cross_attn"], ["first"], text, text, text, None),
        measures_set_snippet("zh-en", ["decoder.0.cross_attn"], ["first"], [text], {text: ((0, 1),)}),
        importance_snippet("zh-en", [(text, text)]),
        spread_snippet(run, ["encoder.out"]),
        patching_snippet("zh-en", text, text, "loss", ["encoder.0.out"]),
    ]
    for code in codes:
        found = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
        assert text in found
