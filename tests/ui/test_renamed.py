"""The app takes no key apart: of a model whose blocks have other paths every page shows the same numbers and words."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import transformer_core
from tests.core.renamed import STACKS, Renamed
from tests.ui.opened import PAGES, notes, open_page, warnings
from tests.ui.state.test_renamed_places import ROADS
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.models.configs import load_config
from transformer_core.models.files import bundled_models, load_model
from transformer_core.models.glass import Glass
from transformer_core.transformer.model import Transformer
from transformer_core.transformer.plans import transformer_plan
from ui.parts.modules import inflated
from ui.state import examples
from ui.state.models import get_model
from ui.state.places import place_of, road
from ui.state.values import PARAMETER

pytestmark = pytest.mark.slow

ORIGINAL, OTHER, NAMELESS = "zh-en-prenorm", "zh-en-renamed", "of-somebody"
SOURCE, TARGET = "我有一只猫", "I have a cat."
NAMED = re.compile(r"\b\w++(?:\.\w+)+")  # never tried again within a word: the bytes of a picture are a long one
CAUSAL = "off:decoder.1.cross_attn:0,2;no_residual:encoder.0.add1;zero:encoder.1.out:2"
EDITS = f"{CAUSAL};mask:decoder.*.self_attn:none"


class OtherPaths(Renamed):
    """A Transformer whose blocks have other paths, in stacks that bear their own names: the app has texts for these."""

    def __init__(self, model: Transformer) -> None:
        super().__init__(model)
        own = {other: stack for stack, other in STACKS.items()}
        lists = tuple(replace(words, stack=own[words.stack]) for words in self.plan.word_lists)
        blocks = tuple(replace(block, stack=own[block.stack]) for block in self.plan.blocks)
        self.plan = replace(self.plan, word_lists=lists, blocks=blocks)


@pytest.fixture(scope="module")
def rename(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A renamed model that the app knows like one of its own, with examples; the way from the old names to its own."""
    plain = load_model(ORIGINAL)
    model = OtherPaths(plain.model)
    glass = Glass(OTHER, model, plain.source_tokenizer, plain.target_tokenizer)
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(examples.EXAMPLES, folder, dirs_exist_ok=True)
    for file in examples.EXAMPLES.glob("*zh-en.txt"):
        shutil.copy(file, folder / file.name.replace("zh-en", OTHER))
    shutil.copy(folder / f"diverging.{ORIGINAL}.txt", folder / f"diverging.{OTHER}.txt")
    paths = {block.path for block in plain.plan.blocks}
    names = {one.key for one in all_sites(plain.plan)} | {one.name for one in all_parameters(plain.plan)}

    def renamed(text: str) -> str:
        return NAMED.sub(lambda found: model.rename(found[0]) if found[0] in paths | names else found[0], text)

    def load(name: str, **more: Any) -> Glass:
        return glass if name in (OTHER, NAMELESS) else load_model(name, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.state.models.bundled_models", lambda: (*bundled_models(), OTHER, NAMELESS))
        patch.setattr("ui.state.models.load_model", load)
        patch.setattr(examples, "EXAMPLES", Path(folder))
        yield renamed


def shown(at: AppTest) -> list[Any]:
    """All that a page shows, in its order, less the name of the model."""
    assert [error.message for error in at.exception] == []
    return [_element(node) for node in at.main]


def _element(node: Any) -> Any:
    if children := getattr(node, "children", None):
        return [_element(child) for child in children.values()]
    proto = getattr(node, "proto", None)
    for name in ("bytes", "spec", "body", "value"):
        text = getattr(proto, name, "") or getattr(node, name, "")
        if isinstance(text, str | bytes) and text:
            return inflated(text) if name == "bytes" else json.loads(text) if name == "spec" else text
    return getattr(node, "label", "")


def told(at: AppTest) -> str:
    """What a page shows as text, links spelled out, without the name of the session."""
    text = json.dumps(shown(at), ensure_ascii=False, indent=1)
    return re.sub(r'"session": "\w+"', '"session": ""', unquote(text))


def expect_the_same(page: str, rename: Callable[[str], str], **query: str) -> str:
    """What a page shows of the renamed model, which is what it shows of the original but for the names."""
    link = {"lang": "en", "source": SOURCE, "target": TARGET, "layer": "1"} | query
    wanted = rename(told(open_page(page, model=ORIGINAL, **link))).replace(ORIGINAL, OTHER)
    found = told(open_page(page, model=OTHER, **{name: rename(value) for name, value in link.items()}))
    assert found.splitlines() == wanted.splitlines()
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_same(page: str, rename: Callable[[str], str]) -> None:
    expect_the_same(page, rename)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_same_difference(page: str, rename: Callable[[str], str]) -> None:
    expect_the_same(page, rename, edits=EDITS, run="difference")


@pytest.mark.usefixtures("rename")
@pytest.mark.parametrize("page", PAGES)
def test_a_model_without_examples_and_without_a_name_opens(page: str) -> None:
    at = open_page(page, lang="zh", model=NAMELESS, source=SOURCE)
    assert (warnings(at), notes(at)) == ([], [])
    assert at.selectbox(key="model").value == NAMELESS


PLAN = transformer_plan(load_config(BUNDLED / ORIGINAL / "config.json"))
STOPS = [(page, stack, block, stop.stage) for page, stack, block in ROADS for stop in road(PLAN, page, stack, 1, block)]


@pytest.mark.parametrize(("page", "stack", "block", "stage"), STOPS)
def test_every_stop_shows_the_same(page: str, stack: str, block: str, stage: str, rename: Callable[[str], str]) -> None:
    link = {name: value for name, value in (("stack", stack), ("block", block)) if value}
    assert "a.x" in expect_the_same(f"explore/{page}.py", rename, stage=stage, **link)


@pytest.mark.parametrize(
    ("page", "stage", "name"),
    [
        ("explore/architecture", "", "values"),
        ("explore/embedding", "similar", "values"),
        ("explore/embedding", "order", "values"),
        ("explore/layer", "sizes", "values"),
        ("explore/output", "layers", "values"),
        ("explore/heads", "", "values"),
        ("explore/attention", "", "value"),
        ("explore/layer", "act", "value"),
        ("decode/forcing", "", "values"),
        ("decode/unfold", "", "values"),
        ("learn/masks", "", "values"),
        ("learn/what_if", "", "values"),
    ],
)
@pytest.mark.parametrize("edits", ["", CAUSAL])
def test_its_python_makes_the_same_numbers(
    page: str, stage: str, name: str, edits: str, rename: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformer_core, "load_model", get_model, raising=False)
    last = page.rpartition("/")[2]
    found = []
    for model in (ORIGINAL, OTHER):
        link = {"lang": "en", "source": SOURCE, "layer": "1", "stack": "encoder", "block": "self_attn"}
        link |= {"edits": edits, "run": "difference"} if edits else {}
        link = {key: rename(value) for key, value in link.items()} if model == OTHER else link
        at = open_page(f"{page}.py", model=model, **link, **({"stage": stage} if stage else {}))
        for key in (f"{last}-{stage}.export", f"{last}.export"):
            at.session_state[key] = True
        code, *_ = [block.value for block in at.run().code]
        made: dict[str, Any] = {}
        exec(compile(code, "snippet", "exec"), made)
        found.append((told(at), code, np.asarray(made[name])))
    (wanted, code, numbers), (other, its_code, its_numbers) = found
    assert its_code.splitlines() == rename(code).replace(ORIGINAL, OTHER).splitlines()
    np.testing.assert_array_equal(its_numbers, numbers)
    assert other.splitlines() == rename(wanted).replace(ORIGINAL, OTHER).splitlines()


@pytest.mark.parametrize("name", ["decoder.1.cross_attn.W_Q", "encoder.0.ln1.gamma", "tgt_embed.W_E"])
def test_a_parameter_is_shown_with_its_cell(name: str, rename: Callable[[str], str]) -> None:
    place = place_of(load_model(ORIGINAL).plan, name)
    link = {"site": name, "stage": PARAMETER, "cell": "0,1", "trail": "decoder.1.cross_attn.q[0,2,1]"}
    link |= {"stack": place.stack} if place.stack else {}
    assert rename(name) in expect_the_same(f"explore/{place.page}.py", rename, **link)
