"""A name that comes from a browser is a name, never a path: no folder, no hub and no file is opened by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.ui.opened import ATTENTION, open_page, sound
from transformer_core.glass.errors import UnknownModelError
from transformer_core.models.files import BUNDLED
from ui.state.examples import EXAMPLES, examples, parting_pairs
from ui.state.models import DEFAULT_MODEL, get_model, is_at_hand
from ui.state.road import family_of
from ui.state.view import View


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The path of a model that is whole, but not at hand."""
    shutil.copytree(BUNDLED / DEFAULT_MODEL, tmp_path / "mine")
    return str(tmp_path / "mine")


def test_no_path_is_opened(folder: str) -> None:
    for name in (folder, f"../models/{DEFAULT_MODEL}", "openai-community/gpt2", "../../requirements", "x" * 1000, ""):
        assert not is_at_hand(name)
        assert family_of(name) == ""
        with pytest.raises(UnknownModelError):
            get_model(name)
    assert (EXAMPLES / "../../requirements.txt").is_file()
    for read in (examples, parting_pairs):
        assert read("../../requirements") == ()


@pytest.mark.every_case
@pytest.mark.parametrize(
    ("name", "forged"), [("edits", 1), ("run", None), ("head", "x"), ("average", "0"), ("trail", 3)]
)
def test_a_forged_choice_is_put_back(name: str, forged: object) -> None:
    at = open_page(ATTENTION, source="我有一只猫", lang="zh", model=DEFAULT_MODEL)
    at.session_state[name] = forged
    sound(at.run())
    assert at.session_state[name] == getattr(View, name)
