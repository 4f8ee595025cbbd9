"""docs/architecture.md: its recipe for a value works when it is followed to the letter, and what it names is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from transformer_core import load_model

ROOT = Path(__file__).resolve().parents[1]
DOC = ROOT / "docs" / "architecture.md"
MODEL, SENTENCE, KEY = "zh-en", "我有一只猫", "encoder.0.ln1.deviation"
# What a reader who followed the recipe would look at, in a copy of the project.
LOOK = f"""
import json
from streamlit.testing.v1 import AppTest
from examples.every_number import row
from figures.base.explain import explain
from transformer_core import difference, find_formula, load_model
from ui.frame.text import LANGUAGES, t
from ui.parts.modules import inflated

glass = load_model({MODEL!r})
trace = glass.trace({SENTENCE!r})
key, keys = {KEY!r}, list(trace)
assert [name.rpartition(".")[2] for name in keys[keys.index(key) - 1 :][:3]] == ["mean", "deviation", "var"]
assert abs(trace[key].mean(axis=-1)).max() < 1e-6

formula = find_formula(trace.plan, key)
assert formula.sites == ("encoder.0.add1", "encoder.0.ln1.mean")
assert difference(trace, key) < 1e-6
cell = formula.terms(trace, (1, 2))
assert [single.key for single in cell.singles] == list(formula.sites)
assert abs(cell.total - cell.value) < 1e-6
assert key in find_formula(trace.plan, "encoder.0.ln1.normalized").sites
told = explain(cell, formula.latex, lambda letter, i: str(i))
assert told["value"] and len(told["rows"]) == 2

table = row({MODEL!r}, 1, 2)
n = len(keys)
assert f"| {{n}} of {{n}} |" in table and f"| {{2 * n}} of {{2 * n}} |" in table, table

for lang in LANGUAGES:
    at = AppTest.from_file("ui/main.py", default_timeout=120)
    view = dict(lang=lang, source={SENTENCE!r}, stack="encoder", layer="0", stage="ln1", site=key, cell="1,2")
    for name, value in view.items():
        at.query_params[name] = value
    at.switch_page("../pages/explore/layer.py").run()
    assert not at.exception, at.exception
    drawn = [(c.proto.component_name, inflated(c.proto.bytes)) for c in at.get("bidi_component")]
    shown = dict(drawn)["glassformer.explain"]
    assert shown["place"] == key + "[1,2]", shown["place"]
    assert t("value_name.deviation", lang) in json.dumps(drawn, ensure_ascii=False), drawn
trace.save("trace.npz")
print("looked")
"""


def follow(text: str, folder: Path) -> list[str]:
    """Carry out every diff of a text in a folder; return the files that it changed."""
    changed = []
    for block in re.findall(r"```diff\n(.*?)```", text, flags=re.DOTALL):
        name, *hunks = re.split(r"^@@\n", block, flags=re.MULTILINE)
        path = folder / name.removeprefix("--- ").strip()
        content = path.read_text(encoding="utf-8")
        for hunk in hunks:
            lines = hunk.splitlines()
            old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
            new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
            assert content.count(old) == 1, f"{path.name} does not hold once:\n{old}"
            content = content.replace(old, new)
        path.write_text(content, encoding="utf-8")
        changed.append(path.relative_to(folder).as_posix())
    return changed


@pytest.mark.slow
def test_the_recipe_for_a_value_gives_a_value_that_everything_knows(tmp_path: Path) -> None:
    for room in ("transformer_core", "figures", "ui", "pages", "examples"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    others = [path.name for path in (ROOT / "assets" / "models").iterdir() if path.name != MODEL]
    shutil.copytree(ROOT / "assets", tmp_path / "assets", ignore=shutil.ignore_patterns(*others))
    shutil.copy(ROOT / "NOTICE", tmp_path)
    changed = follow(DOC.read_text(encoding="utf-8"), tmp_path)
    assert len([path for path in changed if path.endswith(".py")]) <= 3
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("looked\n")
    # Nothing else has moved. (On another number of threads the same sums may end in other digits.)
    with np.load(tmp_path / "trace.npz") as there:
        saved = {name: there[name] for name in there.files}
    here = load_model(MODEL).trace(SENTENCE)
    assert KEY not in here
    for key, value in here.items():
        if key in saved:
            largest = np.abs(value, where=np.isfinite(value), out=np.zeros(value.shape)).max()
            np.testing.assert_allclose(saved[key], value, rtol=0, atol=1e-5 * largest, err_msg=key)
    assert len(set(saved) & set(here)) > 100
    assert KEY in saved


def test_a_recipe_that_does_not_fit_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\n")
    diff = "```diff\n--- a.py\n@@\n one\n-{}\n+three\n```"
    with pytest.raises(AssertionError, match="does not hold once"):
        follow(diff.format("four"), tmp_path)
    assert follow(diff.format("two"), tmp_path) == ["a.py"]
    assert (tmp_path / "a.py").read_text() == "one\nthree\n"


DOCUMENTS = [ROOT / "CONTRIBUTING.md", *sorted(DOC.parent.glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_the_documents_name_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    paths = re.findall(r"`((?:\w+/)+[\w.-]*)`", text)
    known = [path for path in paths if path.split("/")[0] not in ("glass", "plans", "pages")]
    assert known or document != DOC
    core = ROOT / "transformer_core"
    assert [path for path in known if not any((home / path).exists() for home in (ROOT, core))] == []
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []
