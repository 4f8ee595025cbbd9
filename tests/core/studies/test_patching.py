"""Vectors copied from one run into another: nothing restores 0, all restores 1, and a batch is its rows one by one."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.core.decoding_models import often_ending
from tests.core.tiny import NORMS, make_model
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import AbilityError
from transformer_core.studies.errors import PairLengthError, PairSameError, SameOutputError
from transformer_core.studies.patching import by_site, contrast, patch_map, patch_places, patchable_sites, restored

FIRST, SECOND = [3, 16, 7, 16, 2], [3, 16, 11, 16, 2]  # the third word differs


@pytest.fixture(scope="module", params=NORMS)
def model(request):
    return next(m for m in (often_ending({"norm_position": request.param}, s) for s in range(99)) if parts(m))


def parts(model):
    try:
        pair = contrast(model, FIRST, SECOND, "loss")
    except SameOutputError:
        return False
    return pair.position > 0 and len(pair.first_words) > 2


def value_of(pair, logits):
    """The quantity of one run, from its definition."""
    a, b = pair.first_words[pair.position], pair.second_words[pair.position]
    if pair.quantity == "logits":
        return logits[pair.position, a] - logits[pair.position, b]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(shares[range(len(pair.first_words)), pair.first_words]).mean()


def alone(model, pair, first, second, patch):
    """What one patch restores, from a traced run of its own between those of the two sentences."""

    def edit(key, x):
        if key not in patch:
            return x
        x = x.clone()
        x[0, list(patch[key])] = torch.tensor(np.array(first[key]))[list(patch[key])]
        return x

    patched = run_with_trace(model, pair.second, pair.read, edit=edit)
    start, end, here = (value_of(pair, run["head.logits"]) for run in (second, first, patched))
    return (here - start) / (end - start)


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["logits", "loss"])
def test_the_map_is_every_patch_alone(model, quantity):
    pair = contrast(model, FIRST, SECOND, quantity)
    found, told = patch_map(model, pair), []
    runs = [run_with_trace(model, ids, pair.read) for ids in (pair.first, pair.second)]
    assert tuple(found) == patchable_sites(model.plan)
    for key, shares in found.items():
        assert len(shares) == (len(pair.read) if key.startswith("decoder") else len(FIRST))
        for position, share in enumerate(shares):
            assert math.isclose(share, alone(model, pair, *runs, {key: [position]}), abs_tol=1e-10), (key, position)
    again = patch_map(model, pair, at_once=7, progress=lambda done, rows: told.append((done, rows)))
    for key, shares in found.items():
        np.testing.assert_allclose(again[key], shares, rtol=0, atol=1e-12)
    n = sum(map(len, found.values()))
    assert told == [(min(done + 7, n), n) for done in range(0, n, 7)]


@pytest.mark.slow
def test_a_part_of_the_walk_is_that_part_of_the_map(model):
    pair = contrast(model, FIRST, SECOND)
    places, whole = patch_places(pair), patch_map(model, pair)
    part = by_site(pair, restored(model, pair, [{key: [position]} for key, position in places[:7]]))
    for i, (key, position) in enumerate(places):
        if i < 7:
            assert math.isclose(part[key][position], whole[key][position], abs_tol=1e-12)
        else:
            assert math.isnan(part[key][position])
    assert [len(part[key]) for key in part] == [len(whole[key]) for key in whole]


@pytest.mark.parametrize("quantity", ["logits", "loss"])
def test_nothing_restores_nothing_and_all_that_the_decoder_reads_restores_all(model, quantity):
    pair = contrast(model, FIRST, SECOND, quantity)
    everywhere = range(len(FIRST))
    last_row = [pair.position] if quantity == "logits" else range(len(pair.read))
    patches = [
        {},
        {"encoder.0.out": []},
        {"encoder.1.out": everywhere},
        {"encoder.0.out": everywhere},
        {"src_embed.out": pair.differing},
        {"decoder.1.out": last_row},
        {"encoder.1.out": [0], "decoder.1.out": last_row},
    ]
    np.testing.assert_allclose(restored(model, pair, patches), [0, 0, 1, 1, 1, 1, 1], rtol=0, atol=1e-12)


def test_where_the_words_do_not_differ_their_embeddings_restore_nothing(model):
    pair = contrast(model, FIRST, SECOND)
    assert (pair.differing, pair.stretches) == ((2,), 1)
    np.testing.assert_allclose(patch_map(model, pair)["src_embed.out"], [0, 0, 1, 0, 0], rtol=0, atol=1e-12)


def test_the_two_runs_are_what_they_are_said_to_be(model):
    pair = contrast(model, FIRST, SECOND)
    t, one, other = pair.position, pair.first_words, pair.second_words
    assert one[:t] == other[:t]
    assert one[t] != other[t]
    assert pair.read == (1, *one[:t])
    assert pair.first_value > 0 > pair.second_value  # each run prefers its own word
    loss = contrast(model, FIRST, SECOND, "loss")
    assert loss.read == (1, *one[:-1])
    for found in (pair, loss):
        for ids, value in ((FIRST, found.first_value), (SECOND, found.second_value)):
            logits = run_with_trace(model, ids, found.read)["head.logits"]
            assert math.isclose(value, value_of(found, logits), abs_tol=1e-12)


@pytest.mark.slow
def test_neighbours_that_differ_are_one_place():
    pair = replace(contrast(*a_pair()), first=(3, 4, 5, 6, 2), second=(7, 8, 5, 9, 2))
    assert (pair.differing, pair.stretches) == ((0, 1, 3), 2)


def a_pair():
    return next((m, FIRST, SECOND) for m in (often_ending({}, seed) for seed in range(99)) if parts(m))


def test_what_cannot_be_compared_is_refused():
    model = make_model()
    with pytest.raises(PairLengthError, match="5 and 3 tokens") as caught:
        contrast(model, FIRST, [3, 4, 2])
    assert caught.value.fields == {"n_first": 5, "n_second": 3}
    with pytest.raises(PairSameError, match="are the same"):
        contrast(model, FIRST, list(FIRST))
    with pytest.raises(AbilityError, match="encoder-only"):
        contrast(make_model(architecture="encoder-only"), FIRST, SECOND)
    with torch.no_grad():
        for layer in model.decoder.layers:
            layer.cross_attn.W_V.zero_()  # nothing of the source reaches the decoder
    with pytest.raises(SameOutputError, match="for both sentences"):
        contrast(model, FIRST, SECOND)


class TestGoingOn:
    """A model without an encoder: the texts themselves are what is patched, and the words behind them what differs."""

    TEXTS = ([1, 3, 7, 9, 4], [1, 3, 11, 9, 4])

    @pytest.fixture(params=NORMS)
    def model(self, request):
        shape = {"architecture": "decoder-only", "norm_position": request.param}
        return next(m for m in (often_ending(shape, s) for s in range(40)) if self.parts(m))

    def parts(self, model):
        try:
            pair = contrast(model, *self.TEXTS, "loss")
        except SameOutputError:
            return False
        return pair.position > 0 and len(pair.first_words) > 2

    @pytest.mark.slow
    @pytest.mark.parametrize("quantity", ["logits", "loss"])
    def test_the_map_is_every_patch_alone(self, model, quantity):
        pair = contrast(model, *self.TEXTS, quantity)
        found = patch_map(model, pair)
        assert pair.row == len(pair.first) - 1
        whole = [[*text, *pair.read] for text in self.TEXTS]
        runs = [run_with_trace(model, None, ids) for ids in whole]
        start, end = (value_of(pair, run["head.logits"][pair.row :]) for run in reversed(runs))
        assert math.isclose(pair.first_value, end, abs_tol=1e-12)
        assert math.isclose(pair.second_value, start, abs_tol=1e-12)
        assert tuple(found) == ("tgt_embed.out", "decoder.0.out", "decoder.1.out")
        for key, shares in found.items():
            assert len(shares) == len(whole[0])
            for position, share in enumerate(shares):

                def edit(name, x, key=key, position=position):
                    if name != key:
                        return x
                    x = x.clone()
                    x[0, position] = torch.tensor(np.array(runs[0][key]))[position]
                    return x

                patched = run_with_trace(model, None, whole[1], edit=edit)["head.logits"]
                alone = (value_of(pair, patched[pair.row :]) - start) / (end - start)
                assert math.isclose(share, alone, abs_tol=1e-10), (key, position)

    def test_the_words_behind_the_texts_are_those_that_it_writes(self, model):
        pair = contrast(model, *self.TEXTS)
        one, other = pair.first_words, pair.second_words
        for text, words in ((pair.first, one), (pair.second, other)):
            logits = run_with_trace(model, None, [*text, *words[:-1]])["head.logits"]
            assert tuple(logits[len(text) - 1 :].argmax(axis=1)) == words
        assert pair.read == one[: pair.position] == other[: pair.position]
        np.testing.assert_allclose(patch_map(model, pair)["tgt_embed.out"][[0, 1, 3, 4]], 0, rtol=0, atol=1e-12)
        last = [{"tgt_embed.out": pair.differing}, {"decoder.1.out": [pair.row + pair.position]}]
        np.testing.assert_allclose(restored(model, pair, last), 1, rtol=0, atol=1e-12)
