"""What the tests of decoding share: rules of each kind, and random models that end early, or never."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.core.tiny import DECODER_SHAPES, make_config, make_model, shape_name
from transformer_core.decoding.records import Decoding
from transformer_core.decoding.rules import GREEDY, Beam, Sampling
from transformer_core.transformer.model import Transformer

EOS = 2
RULES = [GREEDY, Sampling(temperature=1.5, top_k=9, top_p=0.95, seed=11), Beam(width=3)]
PREFIXES = [[5], [9, 4, 8, 3, 5], [7, 7, 10]]
by_every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
on_decoders = pytest.mark.parametrize("shape", DECODER_SHAPES, ids=shape_name)


def often_ending(shape: dict[str, Any], seed: int = 0, **options: Any) -> Transformer:
    """A random model that ends some sentences early."""
    model = make_model(make_config(**shape, **({"output_bias": True} | options)), seed=seed)
    with torch.no_grad():
        model.head.b[EOS] = 2.5
    return model


def never_ending(**shape: Any) -> Transformer:
    """A random model that goes on to every limit."""
    model = make_model(output_bias=True, **shape)
    with torch.no_grad():
        model.head.b[EOS] = -1e3
    return model


def three_sources(model: Transformer) -> Tensor | None:
    """Sources of different length, padded, for a model that reads one."""
    sources = torch.tensor([[3, 16, 7, 16, 2], [6, 9, 2, 0, 0], [4, 4, 12, 2, 0]])
    return sources if model.config.has_encoder else None


def assert_same(one: Decoding, other: Decoding) -> None:
    """The same words for the same reasons."""
    assert (one.ids, one.stopped, one.draws, one.n_forced) == (other.ids, other.stopped, other.draws, other.n_forced)
    np.testing.assert_allclose(one.logits, other.logits, rtol=0, atol=1e-11)
