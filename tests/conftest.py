"""What every test shares: torch first, on one thread; the same random numbers; hypothesis without a clock or luck."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, so that none fails by luck; `--hypothesis-profile explore` looks for new ones;
# the quick command tries fewer, the whole one all.
settings.register_profile("glassformer", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=20)
settings.register_profile("explore", deadline=None, derandomize=False)
settings.load_profile("glassformer")

BROWSER = Path(__file__).parent / "browser"


def pytest_configure(config: pytest.Config) -> None:
    """Import torch first: cold, that can outlast the time limit of a page test. Who only hands tests out needs none."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        import torch

        torch.set_num_threads(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the quick command ask for one case of each test."""
    parser.addoption("--one-case", action="store_true", help="of the cases of each test, run the first alone")


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what stands in tests/browser, so that no file there can forget it."""
    if item.path.is_relative_to(BROWSER):
        item.add_marker(pytest.mark.browser)


def pytest_collection_finish() -> None:
    """Keep what was imported out of every garbage collection: as the app does once it is loaded."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the first of the cases that are left of each test, if one is asked for and the test does not need all."""
    if not config.getoption("one_case"):
        return
    first: dict[str, pytest.Item] = {}
    for item in items:
        every = item.get_closest_marker("every_case")
        first.setdefault(item.nodeid if every else item.nodeid.partition("[")[0], item)
    left = set(first.values())
    config.hook.pytest_deselected(items=[item for item in items if item not in left])
    items[:] = first.values()


@pytest.fixture(autouse=True)
def _same_random_numbers() -> Iterator[None]:
    """Start each test from the same seed and leave the global generator as it was.

    `torch.manual_seed` would remember the stack of every call, for devices that may be found later.
    """
    import torch

    state = torch.default_generator.get_state()
    torch.default_generator.manual_seed(20170612)
    yield
    torch.default_generator.set_state(state)
