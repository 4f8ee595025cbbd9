"""RNN, GRU and LSTM: the numbers and gradients of torch.nn, and every gate in the glass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.ancestors.opened import CLOSE, check_cached, check_opened, edited
from transformer_core.ancestors.recurrent import GRUConfig, LSTMConfig, Recurrent, RecurrentConfig, RNNConfig
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.formulas import difference

V, D = 9, 3
IDS, OTHER = [1, 4, 8, 4, 7], [1, 8, 5, 3, 6]
CONFIGS = {one.family: one(vocab_size=V, d_model=D, max_length=8) for one in (RNNConfig, GRUConfig, LSTMConfig)}
THEIRS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


@pytest.fixture(params=CONFIGS)
def config(request: pytest.FixtureRequest) -> RecurrentConfig:
    return CONFIGS[request.param]


@pytest.fixture
def model(config: RecurrentConfig) -> Recurrent:
    torch.manual_seed(0)
    return Recurrent(config).double().eval()


def theirs(model: Recurrent) -> torch.nn.RNNBase:
    """PyTorch's own network under the same weights."""
    cell, gates = model.cell, model.cell.gates
    found = THEIRS[model.config.family](D, D, batch_first=True).double()
    named = dict(cell.named_parameters())
    with torch.no_grad():
        found.weight_ih_l0.copy_(torch.cat([named[f"W_{gate}"].T for gate in gates]))
        found.weight_hh_l0.copy_(torch.cat([named[f"U_{gate}"].T for gate in gates]))
        found.bias_ih_l0.copy_(torch.cat([named[f"b_{gate}"] for gate in gates]))
        found.bias_hh_l0.zero_()
        if "c_n" in named:
            found.bias_hh_l0[2 * D :] = named["c_n"]
    return found


def test_states_and_gradients_are_those_of_pytorch(model: Recurrent) -> None:
    other, x = theirs(model), torch.randn(2, 6, D, dtype=torch.float64)
    h, state = model.cell(x, None, None)
    wanted, last = other(x)
    lasts = last if isinstance(last, tuple) else (last,)
    np.testing.assert_allclose(h.detach(), wanted.detach(), **CLOSE)
    for one, right in zip(state, lasts, strict=True):
        np.testing.assert_allclose(one.detach(), right[0].detach(), **CLOSE)
    weights = torch.randn_like(h)
    (h * weights).sum().backward()
    (wanted * weights).sum().backward()
    grads = {name: one.grad for name, one in model.cell.named_parameters()}
    for ours, right in (("W", other.weight_ih_l0), ("U", other.weight_hh_l0), ("b", other.bias_ih_l0)):
        found = torch.cat([grads[f"{ours}_{gate}"] for gate in model.cell.gates], dim=-1)
        np.testing.assert_allclose(found, right.grad.mT if right.dim() > 1 else right.grad, **CLOSE)
    if "c_n" in grads:
        np.testing.assert_allclose(grads["c_n"], other.bias_hh_l0.grad[2 * D :], **CLOSE)


def test_the_fused_kernel_of_training_computes_the_same(model: Recurrent) -> None:
    ids = torch.tensor([IDS, OTHER])
    slow = model(None, ids)
    slow.logsumexp(-1).sum().backward()
    wanted = {name: one.grad.clone() for name, one in model.named_parameters()}
    model.zero_grad()
    fast = model.train()(None, ids)
    fast.logsumexp(-1).sum().backward()
    np.testing.assert_allclose(fast.detach(), slow.detach(), **CLOSE)
    for name, one in model.named_parameters():
        np.testing.assert_allclose(one.grad, wanted[name], **CLOSE, err_msg=name)


def test_it_is_opened_by_the_glass(model: Recurrent, tmp_path: Path) -> None:
    trace = check_opened(model, IDS, tmp_path)
    np.testing.assert_array_equal(trace["cell.h_before"][1:], trace["cell.h"][:-1])
    check_cached(model, [4, 5], [7], [3, 3, 8])


def test_a_state_that_is_emptied_is_what_the_next_word_reads(model: Recurrent) -> None:
    plain, found = run_with_trace(model, target=IDS), edited(model, "zero:cell.h_before:2", IDS)
    np.testing.assert_array_equal(found["cell.h"][:2], plain["cell.h"][:2])
    assert not np.allclose(found["cell.h"][2:], plain["cell.h"][2:], **CLOSE)
    assert [key for key in found if difference(found, key) > 1e-10] == ["cell.h_before"]


def test_an_lstm_whose_gate_is_closed_forgets() -> None:
    model = Recurrent(CONFIGS["lstm"]).double().eval()
    found = edited(model, "zero:cell.f:*", IDS)
    np.testing.assert_allclose(found["cell.c"], found["cell.i"] * found["cell.g"], **CLOSE)
    assert found.changed == (True,)


def by_hand(model: Recurrent, ids: list[int], gate: str = "", at: int = -1) -> list[np.ndarray]:
    """The states h of a GRU or an LSTM, its equations in numpy, with one gate wide open at one word."""
    p = {name: one.detach().numpy() for name, one in model.cell.named_parameters()}
    h = c = np.zeros(D)
    states = []
    for t, x in enumerate(model.embed.W_E.detach().numpy()[ids]):
        part = {g: x @ p[f"W_{g}"] + p[f"b_{g}"] for g in model.cell.gates}
        back = {g: h @ p[f"U_{g}"] for g in model.cell.gates}
        opened = {g: 1 / (1 + np.exp(-part[g] - back[g])) for g in model.cell.gates}
        if t == at:
            opened[gate] = np.ones(D)
        if "z" in opened:
            new = np.tanh(part["n"] + opened["r"] * (back["n"] + p["c_n"]))
            h = (1 - opened["z"]) * new + opened["z"] * h
        else:
            c = opened["f"] * c + opened["i"] * np.tanh(part["g"] + back["g"])
            h = opened["o"] * np.tanh(c)
        states.append(h)
    return states


@pytest.mark.parametrize(("family", "gate"), [("gru", "r"), ("gru", "z"), ("lstm", "i"), ("lstm", "f"), ("lstm", "o")])
def test_a_gate_that_is_opened_by_hand_is_the_cell_with_that_gate_at_one(family: str, gate: str) -> None:
    torch.manual_seed(0)
    model = Recurrent(CONFIGS[family]).double().eval()
    plain, found = run_with_trace(model, target=IDS), edited(model, f"one:cell.{gate}:2", IDS)
    np.testing.assert_allclose(plain["cell.h"], by_hand(model, IDS), **CLOSE)
    np.testing.assert_allclose(found["cell.h"], by_hand(model, IDS, gate, 2), **CLOSE)
    np.testing.assert_array_equal(found["cell.h"][:2], plain["cell.h"][:2])
    assert (found[f"cell.{gate}"][2] == 1).all()
    assert found.changed == (True,)
    assert [key for key in found if difference(found, key) > 1e-10] == [f"cell.{gate}"]
