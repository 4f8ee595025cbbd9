"""Two chains of LSTMs: the numbers and gradients of torch.nn.LSTM, no look at the other side, and the mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.core.ancestors.opened import CLOSE
from tests.core.explained import DOUBLE_PRECISION, check_cells, check_sites
from transformer_core.ancestors.two_way.model import TwoWay, TwoWayConfig
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.abilities import abilities_of, encoder_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.formulas import difference
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.models.files import load_model, save_model
from transformer_core.text.tokenizer import Tokenizer

V, D = 9, 3
IDS = [4, 8, 4, 7, 2]
CONFIG = TwoWayConfig(vocab_size=V, d_model=D, max_length=8)
PADDED = torch.tensor([IDS, [5, 6, 2, 0, 0]])


@pytest.fixture
def model() -> TwoWay:
    torch.manual_seed(0)
    made = TwoWay(CONFIG).double().eval()
    with torch.no_grad():
        made.mix.w.copy_(torch.tensor([0.3, -1.0, 0.7], dtype=torch.float64))
        made.mix.gamma.fill_(1.3)
    return made


def theirs(model: TwoWay) -> nn.LSTM:
    """PyTorch's own first layer, both ways, under the same weights."""
    found = nn.LSTM(D, D, batch_first=True, bidirectional=True).double()
    with torch.no_grad():
        for suffix, cell in (("", model.ahead[0]), ("_reverse", model.back[0])):
            named = dict(cell.named_parameters())
            for ours, right in (("W", "weight_ih"), ("U", "weight_hh"), ("b", "bias_ih")):
                gates = torch.cat([named[f"{ours}_{gate}"] for gate in cell.gates], dim=-1)
                found.get_parameter(f"{right}_l0{suffix}").copy_(gates.mT if gates.dim() > 1 else gates)
            found.get_parameter(f"bias_hh_l0{suffix}").zero_()
    return found


def test_states_and_gradients_are_those_of_pytorch_padding_included(model: TwoWay) -> None:
    other, lengths = theirs(model), torch.tensor([5, 3])
    packed = nn.utils.rnn.pack_padded_sequence(model.embed.W_E[PADDED], lengths, batch_first=True)
    wanted = nn.utils.rnn.pad_packed_sequence(other(packed)[0], batch_first=True)[0]
    ahead, back = model.layers(PADDED)
    real = PADDED != 0
    ours = torch.cat((ahead[1], back[1]), dim=-1)
    np.testing.assert_allclose(ours[real].detach(), wanted[real].detach(), **CLOSE)
    weights = torch.randn_like(wanted) * real[..., None]
    mine = torch.autograd.grad((ours * weights).sum(), [model.embed.W_E, model.back[0].U_f], retain_graph=True)
    other_grads = torch.autograd.grad((wanted * weights).sum(), [model.embed.W_E, other.weight_hh_l0_reverse])
    np.testing.assert_allclose(mine[0], other_grads[0], **CLOSE)
    np.testing.assert_allclose(mine[1], other_grads[1][D : 2 * D].T, **CLOSE)


def test_the_fused_kernel_of_training_computes_the_same(model: TwoWay) -> None:
    there = torch.cat((PADDED != 0, PADDED != 0), dim=1)
    slow = model.features(PADDED)[there]
    slow.square().sum().backward()
    wanted = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
    model.zero_grad()
    fast = model.train().features(PADDED)[there]
    fast.square().sum().backward()
    np.testing.assert_allclose(fast.detach(), slow.detach(), **CLOSE)
    for name, grad in wanted.items():
        np.testing.assert_allclose(model.get_parameter(name).grad, grad, **CLOSE, err_msg=name)


def test_neither_chain_sees_the_words_on_its_other_side(model: TwoWay) -> None:
    plain = run_with_trace(model, source=IDS)
    for place in range(len(IDS)):
        other = run_with_trace(model, source=[6 if t == place else i for t, i in enumerate(IDS)])
        for layer in range(2):
            for chain, sees in (("ahead", range(place, len(IDS))), ("back", range(place + 1))):
                key = f"{chain}.{layer}.h"
                changed = (plain[key] != other[key]).any(axis=1)
                assert np.flatnonzero(changed).tolist() == list(sees), (key, place)


def test_it_is_opened_by_the_glass(model: TwoWay, tmp_path: Path) -> None:
    trace = run_with_trace(model, source=IDS)
    assert [site.key for site in all_sites(trace.plan)] == list(trace)
    assert {one.name for one in all_parameters(model.plan)} == set(model.parameters_by_name())
    check_sites(trace, DOUBLE_PRECISION)
    check_cells(trace, DOUBLE_PRECISION, np.random.default_rng(0))
    assert (abilities_of(model.plan, hides=True), encoder_of(model.plan)) == ({"embeds"}, "encoder")
    said = model(torch.tensor([IDS])).detach()[0]
    np.testing.assert_array_equal(said, np.concatenate((trace["head.logits"], trace["back_head.logits"])))
    edits = parse_edits("freeze:back.0.h:1;zero:back.0.c_before:2", model.plan)
    found = run_with_edits(model, IDS, None, edits)
    np.testing.assert_array_equal(found["back.0.h"][3:], trace["back.0.h"][3:])
    np.testing.assert_array_equal(found["back.0.h"][1], trace["back.0.h"][1])
    assert not np.allclose(found["back.0.h"][2], trace["back.0.h"][2])


def test_the_mix_is_the_equation_of_the_paper_and_can_be_another(model: TwoWay) -> None:
    trace = run_with_trace(model, source=IDS)
    shares = np.exp([0.3, -1.0, 0.7]) / np.exp([0.3, -1.0, 0.7]).sum()
    for name, chain in (("forward_out", "ahead"), ("backward_out", "back")):
        layers = trace["embed.out"], trace[f"{chain}.0.h"], trace[f"{chain}.1.h"]
        np.testing.assert_allclose(trace[f"mix.{name}"], 1.3 * sum(map(np.multiply, shares, layers)), **CLOSE)
    other = run_with_trace(model.mixed([50.0, 0.0, 0.0], 2.0), source=IDS)
    np.testing.assert_allclose(other["mix.forward_out"], 2 * trace["embed.out"], **CLOSE)
    np.testing.assert_array_equal(other["back_head.logits"], trace["back_head.logits"])
    assert max(difference(other, key) for key in other) < 1e-12
    np.testing.assert_array_equal(run_with_trace(model, source=IDS)["mix.shares"], trace["mix.shares"])
    with pytest.raises(ArgumentError, match="3 numbers"):
        model.mixed([1.0])


def test_it_comes_back_from_a_folder_and_reads_a_text(tmp_path: Path) -> None:
    tokenizer = Tokenizer.train_characters(["红花开了。"])
    config = TwoWayConfig(vocab_size=tokenizer.vocab_size, d_model=D, max_length=8)
    save_model(tmp_path, TwoWay(config), tokenizer, None)
    trace = load_model(tmp_path).trace("红花")
    assert trace.words_of("source").texts == ("红", "花", "</s>")
    assert trace["mix.backward_out"].shape == (3, D)
