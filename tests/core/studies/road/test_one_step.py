"""One step on a sentence moves the rows of its words and no other: against gradients worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from transformer_core.ancestors.nnlm import NNLM, NNLMConfig
from transformer_core.glass.errors import ConfigError
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from transformer_core.studies.road.one_step import beyond_window, one_step

TEXT = "The king gave his hat to the mouse."


@pytest.fixture(scope="module")
def glass() -> Glass:
    tokenizer = load_model("stories-en").target_tokenizer
    assert tokenizer is not None
    torch.manual_seed(1)
    config = NNLMConfig(vocab_size=tokenizer.vocab_size, window=3, d_model=5, d_ff=6)
    return Glass("small", NNLM(config).double().eval().requires_grad_(False), None, tokenizer)


def test_only_the_rows_of_its_words_move(glass: Glass) -> None:
    before = {name: p.clone() for name, p in glass.model.named_parameters()}
    step = one_step(glass, TEXT, rate=0.1)
    words = sorted({glass.config.bos_id, *glass.read_ids(TEXT)})
    assert step.read == tuple(words)
    assert np.flatnonzero(step.table).tolist() == words
    assert (step.output > 0).all()  # the softmax touches every row
    assert step.after < step.before
    assert math.isclose(step.before, glass.score(TEXT).bits_per_character, rel_tol=1e-9)
    assert all(torch.equal(p, before[name]) for name, p in glass.model.named_parameters())
    assert not any(p.requires_grad for p in glass.model.parameters())


def test_the_way_of_a_row_is_its_gradient(glass: Glass) -> None:
    """Softmax and tanh by the chain rule, in numpy: dL/dC of a word is the sum over the windows in which it stands."""
    E, H, d, U, b = (p.numpy() for p in glass.model.parameters_by_name().values())
    read = glass.read_ids(TEXT)
    told, gradient = [*read[1:], glass.config.eos_id], np.zeros_like(E)
    for i, word in enumerate(told):
        window = [read[i - n] if i >= n else glass.config.bos_id for n in range(3)]
        a = np.tanh(np.einsum("nd,ndf->f", E[window], H) + d)
        logits = U @ a + b
        p = np.exp(logits - logits.max())
        p /= p.sum()
        p[word] -= 1
        back = np.einsum("ndf,f->nd", H, (U.T @ p) * (1 - a**2)) / len(told)
        for n, one in enumerate(window):
            gradient[one] += back[n]
    step = one_step(glass, TEXT, rate=0.1)
    assert np.allclose(step.table, 0.1 * np.linalg.norm(gradient, axis=1), rtol=1e-9, atol=1e-15)


def test_what_stands_beyond_the_window_does_not_exist(glass: Glass) -> None:
    assert beyond_window(glass, TEXT) == 0.0
    assert beyond_window(glass, "A") is None
    trace = glass.trace(TEXT, edits=())
    other = glass.trace("The queen lost his hat to the mouse.")
    assert np.abs(trace["head.logits"][-1] - other["head.logits"][-1]).max() == 0
    assert np.abs(trace["head.logits"][3] - other["head.logits"][3]).max() > 0


def test_another_model_is_refused() -> None:
    for study in (one_step, beyond_window):
        with pytest.raises(ConfigError, match="no window of vectors"):
            study(load_model("ngram-en"), TEXT)
