"""What the tests of pages share: packages are searched for components once, and no model is one's own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from ui.state import own_models
from ui.state.models import get_model


@pytest.fixture(scope="session", autouse=True)
def _packages_searched_once() -> Iterator[None]:
    """A server does so once, when it starts; `AppTest` starts a runtime anew for every run, 0.15 s each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def no_own_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin without models of the reader's own, and forget those that a test opens."""
    monkeypatch.setattr(own_models, "_OWN", {})
    monkeypatch.setattr(own_models, "_allowed", set())
    get_model.cache_clear()
    yield
    get_model.cache_clear()
