"""What every test shares: torch imported first and on one thread, hypothesis without a clock, tiny models."""

# A cold import of torch can outlast the time limit of a page test, so it is paid here.
import torch  # isort: skip

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from tests.core import tiny
from transformer_core.config import TransformerConfig
from transformer_core.model import Transformer

torch.set_num_threads(1)
settings.register_profile("glassformer", deadline=None)
settings.load_profile("glassformer")


@pytest.fixture(autouse=True)
def _same_random_numbers() -> Iterator[None]:
    """Start each test from the same seed and leave the global generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(20170612)
        yield


@pytest.fixture
def make_config() -> Callable[..., TransformerConfig]:
    """A function that returns a valid config with prime sizes, with the given fields changed."""
    return tiny.make_config


@pytest.fixture
def make_model() -> Callable[..., Transformer]:
    """A function that returns a tiny float64 model in eval mode, every parameter random."""
    return tiny.make_model
