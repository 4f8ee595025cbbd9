"""A reader and a writer: the numbers of an independent program, with and without a look back, and the whole glass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.ancestors.opened import CLOSE
from tests.core.explained import DOUBLE_PRECISION, check_cells, check_sites
from transformer_core.ancestors.seq2seq.model import AttentionSeq2SeqConfig, Seq2Seq, Seq2SeqConfig
from transformer_core.decoding.decode import decode, greedy
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.abilities import abilities_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import BlockedRowError
from transformer_core.glass.formulas import difference
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.models.files import load_model, save_model
from transformer_core.studies.heads.attention_blocks import transfer
from transformer_core.studies.heads.head_measures import measure
from transformer_core.text.tokenizer import Tokenizer

D, SOURCE, TARGET = 3, [4, 8, 4, 7, 2], [1, 5, 3, 6]
SHAPE = {"source_vocab_size": 9, "vocab_size": 8, "d_model": D, "max_length": 8}
BATCH = torch.tensor([SOURCE, [5, 6, 2, 0, 0]]), torch.tensor([TARGET, [1, 4, 0, 0]])
ATTENTION = "decoder.cross_attn"


@pytest.fixture(params=[Seq2SeqConfig, AttentionSeq2SeqConfig])
def model(request: pytest.FixtureRequest) -> Seq2Seq:
    torch.manual_seed(0)
    return Seq2Seq(request.param(**SHAPE)).double().eval()


@pytest.fixture
def looking() -> Seq2Seq:
    torch.manual_seed(0)
    return Seq2Seq(AttentionSeq2SeqConfig(**SHAPE)).double().eval()


def sigma(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def step(weights: dict[str, np.ndarray], path: str, x: np.ndarray, h: np.ndarray, c: np.ndarray | None) -> np.ndarray:
    """One step of a GRU that also reads c, by the equations of Cho et al. 2014 as PyTorch has them."""
    read = {}
    for gate in "rzn":
        read[gate] = x @ weights[f"{path}.W_{gate}"] + weights[f"{path}.b_{gate}"]
        if c is not None:
            read[gate] = read[gate] + c @ weights[f"{path}.C_{gate}"]
    r, z = (sigma(read[gate] + h @ weights[f"{path}.U_{gate}"]) for gate in "rz")
    n = np.tanh(read["n"] + r * (h @ weights[f"{path}.U_n"] + weights[f"{path}.c_n"]))
    return (1 - z) * n + z * h


def by_hand(model: Seq2Seq, source: list[int], target: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The logits, and the attention's weights, in numpy."""
    weights = {name: one.detach().numpy() for name, one in model.parameters_by_name().items()}
    h, states = np.zeros(D), []
    for i in source:
        h = step(weights, "encoder.cell", weights["src_embed.W_E"][i], h, None)
        states.append(h)
    read, s, logits, looks = np.stack(states), h, [], []
    for i in target:
        c = h
        if model.attends:
            met = np.tanh(s @ weights[f"{ATTENTION}.W_Q"] + read @ weights[f"{ATTENTION}.W_K"])
            e = np.exp(met @ weights[f"{ATTENTION}.v"])
            looks.append(e / e.sum())
            c = looks[-1] @ read
        s = step(weights, "decoder.cell", weights["tgt_embed.W_E"][i], s, c)
        logits.append(weights["head.W"] @ s + weights["head.b"])
    return np.stack(logits), np.array(looks)


def test_it_computes_what_an_independent_program_does(model: Seq2Seq) -> None:
    logits, looks = by_hand(model, SOURCE, TARGET)
    trace = run_with_trace(model, SOURCE, TARGET)
    np.testing.assert_allclose(trace["head.logits"], logits, **CLOSE)
    if model.attends:
        np.testing.assert_allclose(trace[f"{ATTENTION}.weights"][0], looks, **CLOSE)
    padded = model(*BATCH).detach()[1, :2]
    np.testing.assert_allclose(padded, by_hand(model, [5, 6, 2], [1, 4])[0], **CLOSE)


def test_the_fused_kernels_of_training_compute_the_same(model: Seq2Seq) -> None:
    there = BATCH[1] != 0
    slow = model(*BATCH)[there]
    slow.logsumexp(-1).sum().backward()
    wanted = {name: one.grad.clone() for name, one in model.named_parameters()}
    model.zero_grad()
    fast = model.train()(*BATCH)[there]
    fast.logsumexp(-1).sum().backward()
    np.testing.assert_allclose(fast.detach(), slow.detach(), **CLOSE)
    for name, one in model.named_parameters():
        np.testing.assert_allclose(one.grad, wanted[name], **CLOSE, err_msg=name)


def test_the_twins_differ_by_the_score_alone() -> None:
    kinds = Seq2SeqConfig, AttentionSeq2SeqConfig
    plain, looking = (dict(Seq2Seq(kind(**SHAPE)).named_parameters()) for kind in kinds)
    assert set(looking) - set(plain) == {f"{ATTENTION}.{name}" for name in ("W_Q", "W_K", "v")}
    assert not set(plain) - set(looking)


def test_it_is_opened_by_the_glass(model: Seq2Seq) -> None:
    trace = run_with_trace(model, [*SOURCE, 0, 0], TARGET)
    assert [site.key for site in all_sites(trace.plan)] == list(trace)
    assert {one.name for one in all_parameters(model.plan)} == set(model.parameters_by_name())
    check_sites(trace, DOUBLE_PRECISION)
    check_cells(trace, DOUBLE_PRECISION, np.random.default_rng(0))
    assert abilities_of(model.plan) == {"writes", "translates"}
    np.testing.assert_array_equal(trace["decoder.cell.h_before"][0], trace["encoder.cell.h"][4])


def test_rows_written_with_a_cache_say_what_one_pass_says(model: Seq2Seq) -> None:
    for written in decode(model, BATCH[0], prefixes=[[3, 4], [5]], max_length=8):
        source, read = torch.tensor([written.source]), torch.tensor([written.read])
        whole = model(source, read, padded=False).detach()[0]
        np.testing.assert_allclose(written.logits, whole, **CLOSE)
    alone = [greedy(model, row[row != 0][None])[0] for row in BATCH[0]]
    assert greedy(model, BATCH[0]) == alone


def test_its_attention_is_edited_and_measured_like_any_other(looking: Seq2Seq) -> None:
    plain = run_with_trace(looking, SOURCE, TARGET)
    text = f"attend:{ATTENTION}:0:2:1;drop:source:3;forbid:{ATTENTION}:1-0"
    found = run_with_edits(looking, SOURCE, TARGET, parse_edits(text, looking.plan))
    weights = found[f"{ATTENTION}.weights"][0]
    assert weights[2].tolist() == [0, 1, 0, 0, 0]
    np.testing.assert_array_equal(found[f"{ATTENTION}.out"][2], plain["encoder.cell.h"][1])
    assert (weights[1, 0], weights[0, 3], weights[0, 0] > 0) == (0, 0, True)
    assert found.changed == (True, True, True)
    assert [key for key in found if difference(found, key) > 1e-10] == [f"{ATTENTION}.mask", f"{ATTENTION}.weights"]
    with pytest.raises(BlockedRowError):
        run_with_edits(looking, SOURCE, TARGET, parse_edits("drop:source:0,1,2,3,4", looking.plan))
    moved = transfer(plain, ATTENTION, 0)
    lengths = np.linalg.norm(plain["encoder.cell.h"], axis=1)
    np.testing.assert_allclose(moved, plain[f"{ATTENTION}.weights"][0] * lengths, **CLOSE)
    entropy = -(plain[f"{ATTENTION}.weights"] * np.log(plain[f"{ATTENTION}.weights"])).sum(axis=-1).mean(axis=1)
    np.testing.assert_allclose(measure(plain, ATTENTION)["entropy"], entropy, **CLOSE)


def test_it_comes_back_from_a_folder_and_translates(tmp_path: Path, model: Seq2Seq) -> None:
    zh, en = Tokenizer.train_characters(["红花"]), Tokenizer.train_bpe(["a red flower"] * 3, 360, language="en")
    config = type(model.config)(source_vocab_size=zh.vocab_size, vocab_size=en.vocab_size, d_model=D, max_length=8)
    save_model(tmp_path, Seq2Seq(config), zh, en)
    glass = load_model(tmp_path)
    assert len(glass.decode("红花").ids) > 0
    trace, score = glass.trace("红花", "flower"), glass.score("红花", "flower")
    told = [trace["head.probs"][t, i] for t, i in enumerate(trace.written_ids)]
    np.testing.assert_allclose(score.log_probs, np.log(told), rtol=0, atol=1e-5)
