"""Every page opens for models of every kind, none of which the app was made for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.little_models import KINDS, TEXTS, save_little_models
from tests.ui.opened import PAGES, open_page, warnings
from transformer_core.models import files
from ui.text import LANGUAGES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the models are."""
    path = tmp_path_factory.mktemp("models")
    save_little_models(path)
    return path


@pytest.fixture(autouse=True)
def _known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BUNDLED", folder)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", KINDS)
def test_a_page_opens(model: str, page: str) -> None:
    lang = LANGUAGES[(PAGES.index(page) + list(KINDS).index(model)) % len(LANGUAGES)]
    at = open_page(page, model=model, source=TEXTS[model], lang=lang)
    assert [w for w in warnings(at) if "unseen" not in w] == []
