"""Bengio's model: the equation of the paper, a table of which one step moves a few rows, and the glass."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.ancestors.opened import CLOSE, check_cached, check_opened, edited
from transformer_core.ancestors.nnlm import NNLM, NNLMConfig
from transformer_core.glass.capture import run_with_trace

V, IDS = 7, [1, 4, 6, 4, 5]


@pytest.fixture
def model() -> NNLM:
    torch.manual_seed(0)
    return NNLM(NNLMConfig(vocab_size=V, max_length=8, window=3, d_model=2, d_ff=4)).double().eval()


def test_it_is_the_equation_of_the_paper(model: NNLM) -> None:
    named = {name: one.detach().numpy() for name, one in model.named_parameters()}
    C, U, b, d = named["embed.W_E"], named["head.W"], named["head.b"], named["hidden.d"]
    H = named["hidden.H"].reshape(-1, 4).T  # h x (n - 1) m, as in the paper
    logits = run_with_trace(model, target=IDS)["head.logits"]
    for t in range(len(IDS)):
        last = [IDS[t - n] if t >= n else 1 for n in range(3)]
        x = np.concatenate([C[i] for i in last])
        np.testing.assert_allclose(logits[t], b + U @ np.tanh(d + H @ x), **CLOSE)


def test_a_row_is_a_one_hot_word_times_the_table(model: NNLM) -> None:
    trace = run_with_trace(model, target=IDS)
    one_hot = np.eye(V)[trace["embed.window"]]  # [L, N, V]
    np.testing.assert_array_equal(one_hot @ trace.parameters["embed.W_E"], trace["embed.out"])


def test_one_step_moves_the_rows_of_its_words_and_no_other(model: NNLM) -> None:
    loss = torch.nn.functional.cross_entropy(model(None, torch.tensor([IDS[:-1]]))[0], torch.tensor(IDS[1:]))
    loss.backward()
    moved = model.embed.W_E.grad.abs().sum(dim=1) > 0
    assert moved.tolist() == [i in {1, 4, 6} for i in range(V)]


def test_it_is_opened_by_the_glass(model: NNLM, tmp_path: Path) -> None:
    trace = check_opened(model, IDS, tmp_path)
    assert trace["embed.window"].tolist() == [[1, 1, 1], [4, 1, 1], [6, 4, 1], [4, 6, 4], [5, 4, 6]]
    check_cached(model, [4, 5], [6], [3, 3, 5])


def test_what_lies_outside_of_the_window_changes_nothing(model: NNLM) -> None:
    plain, found = run_with_trace(model, target=IDS), edited(model, "zero:embed.out:1", IDS)
    changed = np.abs(plain["head.logits"] - found["head.logits"]).max(axis=1) > 0
    assert changed.tolist() == [False, True, False, False, False]


def test_another_row_of_the_table_is_read_where_its_word_stands_and_nowhere_else(model: NNLM) -> None:
    """It is the run of a model in which that row of the table is another, and of the text with the other word."""
    plain, found = run_with_trace(model, target=IDS), edited(model, "row:embed.out:4:5", IDS)
    window, Q = plain["embed.window"], plain.parameters["embed.W_E"]
    np.testing.assert_array_equal(found["embed.window"], window)
    np.testing.assert_array_equal(found["embed.out"], np.where((window == 4)[..., None], Q[5], plain["embed.out"]))
    reached = (window == 4).any(axis=1)
    assert reached.tolist() == [False, True, True, True, True]
    assert found.changed == (True,)
    other = copy.deepcopy(model)
    other.embed.W_E.data[4] = other.embed.W_E.data[5]
    same = run_with_trace(other, target=IDS), run_with_trace(model, target=[5 if i == 4 else i for i in IDS])
    for key in ("hidden.pre", "hidden.act", "head.logits", "head.probs"):
        assert ((found[key] != plain[key]).any(axis=1) == reached).all(), key
        for one in same:
            np.testing.assert_array_equal(found[key], one[key], err_msg=key)
