"""The beam search and the draw as plain data: nothing is lost, and every number is the core's."""

from __future__ import annotations

import base64
from functools import lru_cache

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from figures.decode.beam import TOP, beam_tree, looked_at
from figures.decode.choices import SHOWN, choices, most_open, sentence
from figures.decode.unfold import DIGITS
from tests.core.tiny import SOURCE_IDS, T, make_model, trace_of
from transformer_core.decoding.decode import decode
from transformer_core.decoding.records import Decoding
from transformer_core.decoding.rules import GREEDY, Beam, Rule, Sampling
from transformer_core.glass.walks import n_layers
from transformer_core.glass.words import Word

CLOSE = {"atol": 10.0**-DIGITS, "rtol": 0}
RULES = [Beam(width=1), Beam(width=3), Beam(width=5, length_penalty=0.0), Beam(width=4, length_penalty=2.0)]


@lru_cache
def decoded(rule: Rule) -> Decoding:
    return decode(make_model(), torch.tensor([SOURCE_IDS]), rule)[0]


def word(i: int) -> Word:
    return Word("</s>", special=True) if i == 2 else Word(f"word {i}")


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_branch_is_there_with_its_scores(rule: Beam) -> None:
    tree = decoded(rule).tree
    assert tree is not None
    found = beam_tree(tree, word)
    assert (found["width"], found["penalty"]) == (rule.width, rule.length_penalty)
    assert len(found["branches"]) == len(tree.branches)
    for branch, drawn in zip(tree.branches, found["branches"], strict=True):
        same = ("parent", "step", "rank", "fate")
        assert [drawn[name] for name in same] == [getattr(branch, name) for name in same]
        assert drawn["text"] == word(branch.token).text
        assert drawn["special"] == (branch.token == 2)
        assert_allclose(
            [drawn["total"], drawn["score"], drawn["p"]], [branch.total, branch.score, np.exp(branch.log_prob)], **CLOSE
        )
        assert_allclose(drawn["score"], drawn["total"] / (drawn["step"] + 1) ** rule.length_penalty, atol=2e-5)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_what_a_branch_says_next_is_what_the_model_said_behind_it(rule: Beam) -> None:
    tree = decoded(rule).tree
    assert tree is not None
    found = beam_tree(tree, word)
    read = {number for step in tree.steps for number in step.live}
    for number, drawn in enumerate(found["branches"]):
        assert (drawn["next"] is None) == (number not in read)
    for step in tree.steps:
        for number in step.live:
            probs = step.probs_behind(number)
            drawn = found["start"] if number is None else found["branches"][number]["next"]
            assert_allclose([one["p"] for one in drawn], np.sort(probs)[::-1][:TOP], **CLOSE)
            assert drawn[0]["text"] == word(int(probs.argmax())).text


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_finished_sentences_are_those_of_each_step(rule: Beam) -> None:
    tree = decoded(rule).tree
    assert tree is not None
    found = beam_tree(tree, word)["finished"]
    assert [[one["branch"] for one in step] for step in found] == [
        [one.branch for one in step.finished] for step in tree.steps
    ]
    for one in found[-1]:
        assert len(tree.ids(one["branch"])) >= 1
    assert_allclose([one["score"] for one in found[-1]], [one.score for one in tree.finished], **CLOSE)


def test_what_was_looked_at_is_the_last_row_of_the_last_layer() -> None:
    trace = trace_of(make_model())
    last = n_layers(trace.plan, "decoder") - 1
    assert_allclose(looked_at(trace), trace[f"decoder.{last}.cross_attn.weights"].mean(axis=0)[-1], **CLOSE)


@pytest.mark.parametrize("position", range(T))
def test_the_filters_get_all_logits_and_the_most_probable_words(position: int) -> None:
    trace = trace_of(make_model().float())
    found = choices(trace, position, word)
    logits = trace["head.logits"][position]
    sent = np.frombuffer(base64.b64decode(found["spread"]["logits"]), dtype="<f4")
    assert_array_equal(sent, np.sort(logits)[::-1])
    ids = [one["id"] for one in found["candidates"]]
    assert len(ids) == min(SHOWN, len(logits))
    assert_array_equal(logits[ids], np.sort(logits)[::-1][:SHOWN])


def test_the_most_open_position_has_the_largest_entropy() -> None:
    trace = trace_of(make_model())
    probs = trace["head.probs"]
    entropies = [-sum(p * np.log(p) for p in row if p > 0) for row in probs]
    assert most_open(trace) == int(np.argmax(entropies))


@pytest.mark.parametrize("rule", [GREEDY, Sampling(seed=1), Sampling(temperature=2.0, top_k=3, top_p=0.8)], ids=str)
def test_a_sentence_tells_each_words_chance(rule: Rule) -> None:
    decoding = decoded(rule)
    found = sentence(decoding, word)
    assert [one["text"] for one in found["words"]] == [word(i).text for i in decoding.ids]
    assert_allclose(sum(np.log(one["p"]) for one in found["words"]), found["log_prob"], atol=0.05)
    assert_allclose(found["log_prob"], decoding.log_prob, **CLOSE)
    for one, step in zip(found["words"], decoding.steps, strict=True):
        assert one["rank"] == step.rank
        assert_allclose(
            [one["p"], one["after"]], [step.probs[step.written], step.filtered.after[step.written]], **CLOSE
        )
        assert one["after"] > 0
