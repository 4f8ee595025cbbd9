"""The gradient back through time: against torch's own cells and against small changes, with gates open and closed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from transformer_core.ancestors.recurrent import GRUConfig, LSTMConfig, Recurrent, RecurrentConfig, RNNConfig
from transformer_core.edits.parse import parse_edits
from transformer_core.glass.errors import ArgumentError
from transformer_core.models.glass import Glass
from transformer_core.studies.road.chain_gradients import gradient_back, untrained_gradient
from transformer_core.text.word_tokenizer import WordTokenizer

IDS, AT, WORD = [1, 4, 3, 6, 5], 3, 4


def glass_of(kind: type[RecurrentConfig]) -> Glass:
    torch.manual_seed(0)
    model = Recurrent(kind(vocab_size=7, d_model=3)).double().eval()
    return Glass("tiny", model, None, WordTokenizer("en", ("a", "b", "c", "d")))


@pytest.mark.parametrize("kind", [RNNConfig, GRUConfig, LSTMConfig])
def test_it_tells_how_much_a_small_change_of_a_word_changes_the_answer(kind: type[RecurrentConfig]) -> None:
    glass = glass_of(kind)
    model, lengths = glass.model, gradient_back(glass, IDS, AT, WORD)
    assert isinstance(model, Recurrent)
    x = model.embed(torch.tensor([IDS])).detach()

    def log_p(one: torch.Tensor) -> float:
        return float(torch.log_softmax(model.head(model.cell(one, None, None)[0]), -1)[0, AT, WORD].detach())

    for row, length in enumerate(lengths):
        sides = []
        for d in range(3):
            step = torch.zeros_like(x)
            step[0, row, d] = 1e-6
            sides.append((log_p(x + step) - log_p(x - step)) / 2e-6)
        np.testing.assert_allclose(length, np.linalg.norm(sides), rtol=1e-5)
    assert lengths.shape == (AT + 1,)
    with pytest.raises(ArgumentError, match="from 0 to 4, not 5"):
        gradient_back(glass, IDS, 5, WORD)


def test_nothing_comes_back_through_a_state_that_was_taken_away() -> None:
    glass = glass_of(GRUConfig)
    edits = parse_edits("zero:cell.h:1", glass.plan)
    lengths = gradient_back(glass, IDS, AT, WORD, edits=edits)
    assert (lengths[:2] == 0).all()
    assert (lengths[2:] > 0).all()


def test_an_open_gate_keeps_the_gradient_and_no_bias_helps_a_cell_without_one() -> None:
    first, last = {}, {}
    for kind in ("rnn", "gru", "lstm"):
        for bias in (0.0, 4.0):
            found = untrained_gradient(kind, 30, bias=bias)
            first[kind, bias], last[kind, bias] = found[0], found[-1]
    assert first["rnn", 0.0] == first["rnn", 4.0] < 1e-6 * last["rnn", 0.0]
    for kind in ("gru", "lstm"):
        assert first[kind, 0.0] < 1e-4 * last[kind, 0.0]  # at its default start it fails as well
        assert first[kind, 4.0] > 0.01 * last[kind, 4.0]
    np.testing.assert_array_equal(untrained_gradient("lstm", 9, seed=1), untrained_gradient("lstm", 9, seed=1))
