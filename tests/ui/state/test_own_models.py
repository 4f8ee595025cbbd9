"""Models from the command line: in the menu under the name of their folder, and nothing else is opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.core.fake_hub import COMMIT, running_hub
from tests.ui.opened import components, notes, open_page, warnings
from transformer_core.glass.errors import ModelSizeError, UnknownModelError
from transformer_core.glass.files.stored import BUNDLED
from ui.frame.text import escape, t
from ui.state import own_models
from ui.state.models import get_model, model_names
from ui.state.opening import open_own

STRANGE = "我的 *模型* <b>x"
TEXT = "Once upon a time"
HUB_NAME = "somebody/a-model"


pytestmark = pytest.mark.usefixtures("no_own_models")


def copied(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(BUNDLED / "stories-llama", folder / name))


def test_a_model_is_called_as_its_folder_and_a_number_follows_where_that_is_taken(tmp_path: Path) -> None:
    mine, other = copied(tmp_path, "mine"), copied(tmp_path / "deeper", "mine")
    bundled = copied(tmp_path, "zh-en")
    arguments = [part for path in (mine, other, mine, bundled) for part in ("--model", str(path))]
    assert own_models.add_own_models(arguments, None) == ("mine", "mine (2)", "zh-en (2)")
    assert model_names()[-3:] == ("mine", "mine (2)", "zh-en (2)")
    assert [get_model(name).name for name in ("mine (2)", "zh-en (2)")] == ["mine (2)", "zh-en (2)"]
    assert "translates" in get_model("zh-en").abilities


@pytest.mark.parametrize("arguments", [["--modell", "x"], ["x"], ["--model"]])
def test_what_is_no_argument_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        own_models.add_own_models(arguments, None)
    assert "--model FOLDER_OR_NAME" in capsys.readouterr().err


def test_a_folder_that_is_none_is_told_when_it_is_opened(tmp_path: Path) -> None:
    (name,) = own_models.add_own_models(["--model", str(tmp_path / "nowhere")], None)
    with pytest.raises(UnknownModelError, match="nowhere"):
        open_own(name)


def test_one_that_takes_more_memory_than_is_free_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = own_models.add_own_models(["--model", str(copied(tmp_path, "mine"))], None)
    monkeypatch.setattr("ui.state.models.free_bytes", lambda: 1_000_000)
    with pytest.raises(ModelSizeError, match="260,032 parameters"):
        open_own(name)


def test_the_menu_and_the_link_hold_its_name_as_text(tmp_path: Path) -> None:
    own_models.add_own_models(["--model", str(copied(tmp_path, STRANGE))], None)
    at = open_page(lang="en", model=STRANGE, source=TEXT)
    assert (warnings(at), notes(at), at.error.len) == ([], [], 0)
    assert at.selectbox(key="model").value == STRANGE
    assert STRANGE in at.selectbox(key="model").options
    assert components(at)["address"]["query"]["model"] == STRANGE


def test_a_link_says_where_a_model_is_not_here_and_opens_no_path(tmp_path: Path) -> None:
    for asked in ("gone", str(copied(tmp_path, "mine"))):
        at = open_page(lang="en", model=asked)
        assert at.selectbox(key="model").value == model_names()[0]
        (note,) = notes(at)
        assert note == t("link.no_model", "en", value=escape(asked), used=escape(model_names()[0]))


def test_any_model_is_for_this_machine_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for address in (None, "", "0.0.0.0", "192.168.1.7", "127.0.0.1.example.org"):
        with pytest.raises(SystemExit):
            own_models.add_own_models(["--any-model"], address)
        assert "--server.address 127.0.0.1 -- --any-model" in capsys.readouterr().err
        assert not own_models.any_model()
    assert own_models.add_own_models([], "127.0.0.1") == ()
    assert not own_models.any_model()
    own_models.add_own_models(["--any-model"], "127.0.0.1")
    assert own_models.any_model()


def test_a_model_on_a_hub_is_called_by_its_name_there_and_its_commit(tmp_path: Path) -> None:
    folder = copied(tmp_path, "hub")
    with running_hub(tmp_path / "cache", {HUB_NAME: folder}) as hub:
        (name,) = own_models.add_own_models(["--model", HUB_NAME, "--model", f"{HUB_NAME}@{COMMIT}"], None)
        assert name == f"{HUB_NAME}@{COMMIT[:7]}"
        asked = hub.asked
        assert get_model(name).revision == COMMIT
        assert hub.asked == asked
        at = open_page(lang="en", model=name, source=TEXT)
        assert (warnings(at), notes(at), at.selectbox(key="model").value) == ([], [], name)
        with pytest.raises(UnknownModelError, match="nobody/nothing"):
            own_models.add_own_models(["--model", "nobody/nothing"], None)
