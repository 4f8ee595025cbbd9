"""The page of models: every one with its facts, opened by a click; a field for any other only where that is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.core.fake_hub import COMMIT, running_hub
from tests.ui.opened import MODELS, components, notes, open_page, sound, warnings
from transformer_core.glass.files.stored import BUNDLED
from ui.frame.text import LANGUAGES, escape, t
from ui.state import own_models
from ui.state.examples import examples
from ui.state.models import get_model, model_names, model_title

HUB_NAME = "somebody/a-model"
CARD = "# <b>mine</b> $x$"


pytestmark = pytest.mark.usefixtures("no_own_models")


def copied(folder: Path) -> Path:
    path = Path(shutil.copytree(BUNDLED / "stories-llama", folder))
    (path / "card.md").write_text(CARD, "utf-8")
    return path


def open_other(at: AppTest, place: str) -> AppTest:
    at.text_input(key="any_model_place").set_value(place)
    return sound(at.button(key="any_model_open").click().run())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_models_are_told_and_one_is_opened_by_a_click(lang: str, tmp_path: Path) -> None:
    own_models.add_own_models(["--model", str(copied(tmp_path / "mine"))], None)
    at = open_page(MODELS, lang=lang, model="zh-en")
    assert (warnings(at), notes(at), at.error.len) == ([], [], 0)
    shown = "\n".join(text.value for text in at.markdown)
    for name in model_names():
        assert f"**{escape(model_title(name, lang))}**" in shown
        glass = get_model(name)
        n_parameters = sum({id(p): p.numel() for p in glass.model.parameters()}.values())
        assert f"{n_parameters:,}" in shown
    assert "2,664,576" in shown  # as the card of stories-en says
    assert [text.value for text in at.text] == [CARD]  # of somebody else: as text, never as Markdown
    assert not at.text_input
    sound(at.button(key="open_stories-en").click().run())
    assert at.session_state.model == "stories-en"
    assert at.session_state.source == examples("stories-en")[0]
    assert components(at)["address"]["query"]["model"] == "stories-en"


def test_where_it_is_allowed_any_folder_is_opened_and_what_is_wrong_with_one_is_said(tmp_path: Path) -> None:
    own_models.add_own_models(["--any-model"], "127.0.0.1")
    at = open_page(MODELS, lang="en")
    open_other(at, str(tmp_path / "nowhere"))
    (said,) = warnings(at)
    assert "nowhere" in said
    broken = copied(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no weights")
    open_other(at, str(broken))
    assert len(warnings(at)) == 1
    assert any("is not a whole safetensors file" in text.value for text in at.text)
    assert not own_models.own_models()
    open_other(at, str(copied(tmp_path / "mine")))
    assert (warnings(at), at.session_state.model) == ([], "mine")


def test_a_name_on_a_hub_is_fetched_and_opened(tmp_path: Path) -> None:
    own_models.add_own_models(["--any-model"], "127.0.0.1")
    at = open_page(MODELS, lang="en")
    models = {name: copied(tmp_path / name) for name in (HUB_NAME, "somebody/gated")}
    with running_hub(tmp_path / "cache", models, gated=("somebody/gated",)):
        for name, code in (("somebody/gated", "gated_model"), ("nobody/nothing", "unknown_model")):
            open_other(at, name)
            assert warnings(at) == [t(f"error.{code}", "en", name=escape(name))]
        open_other(at, HUB_NAME)
    assert (warnings(at), at.session_state.model) == ([], f"{HUB_NAME}@{COMMIT[:7]}")
