"""The player's data: every weight, mask cell and probability is the trace's own, and step t knows nothing later."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import Tensor

from figures.decode.unfold import CANDIDATES, LEVELS, candidates, unfold
from tests.core.tiny import NORMS, SOURCE_IDS, TARGET_IDS, H, S, T, V, make_model, trace_of
from tests.spelled import spelled
from transformer_core.decoding.decode import greedy
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word, Words

HALF = 0.5 / LEVELS + 1e-12  # what rounding may change
READ = spelled("<s>", "five", "</s>", "<b>3</b>", "seven", "five", "שלום")
WRITTEN_IDS = (5, 12, 3, 7, 5, 4, 2)
WRITTEN = spelled("five", "</s>", "<b>3</b>", "seven", "five", "שלום", "</s>")
HEADS = (None, *range(H))


@lru_cache
def traced(norm: str = "post") -> Trace:
    model = make_model(norm_position=norm)
    source = spelled(*(str(i) for i in SOURCE_IDS))
    return trace_of(model, words={"source": Words(source), "target": Words(READ, WRITTEN, WRITTEN_IDS)})


def word(i: int) -> Word:
    return Word(f"word {i}")


def told(layer: int = 1, head: int | None = None, trace: Trace | None = None) -> dict[str, Any]:
    return unfold(trace or traced(), layer, head, word)


def column(steps: list[dict[str, Any]], name: str) -> np.ndarray:
    return np.array([step[name] for step in steps])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("head", HEADS)
def test_each_steps_rows_are_the_traces(norm: str, layer: int, head: int | None) -> None:
    trace = traced(norm)
    steps = told(layer, head, trace)["steps"]
    assert len(steps) == T
    for name, site, n_keys in (("own", "self_attn", T), ("cross", "cross_attn", S)):
        weights = trace[f"decoder.{layer}.{site}.weights"]
        wanted = sum(weights[h] for h in range(H)) / H if head is None else weights[head]
        assert wanted.shape == (T, n_keys)
        assert_allclose(column(steps, name), wanted, rtol=0, atol=HALF)
        assert_allclose(column(steps, name).sum(axis=1), 1, atol=n_keys * HALF)


def test_heads_and_layers_are_told_apart() -> None:
    several = [json.dumps(told(layer, head)["steps"]) for layer in (0, 1) for head in HEADS]
    assert len(set(several)) == len(several)


@pytest.mark.parametrize("head", HEADS)
def test_no_step_sees_what_comes_later(head: int | None) -> None:
    steps = told(head=head)["steps"]
    for t, step in enumerate(steps):
        assert step["own"][t + 1 :] == [0] * (T - t - 1)
        assert min(step["own"][: t + 1]) > 0
        assert step["mask"] == [True] * (t + 1) + [False] * (T - t - 1)
        assert min(step["cross"]) > 0


def test_a_step_is_what_the_decoder_says_when_it_has_read_no_more() -> None:
    """Row t of the full pass is the last row of a pass over the words up to t: the truth that the player rests on."""
    steps = told(layer=1, head=2)["steps"]
    for t in range(T):
        short = trace_of(make_model(), target=TARGET_IDS[: t + 1], written_ids=WRITTEN_IDS[: t + 1])
        last = unfold(short, 1, 2, word)["steps"][-1]
        assert_allclose(last["own"], steps[t]["own"][: t + 1], rtol=0, atol=2 * HALF)
        assert_allclose(last["cross"], steps[t]["cross"], rtol=0, atol=2 * HALF)
        assert [c["id"] for c in last["candidates"]] == [c["id"] for c in steps[t]["candidates"]]
        assert last["chosen"]["rank"] == steps[t]["chosen"]["rank"]


def test_candidates_are_the_ten_largest_of_the_whole_vocabulary() -> None:
    probs = traced()["head.probs"]
    for t, step in enumerate(told()["steps"]):
        shown = step["candidates"]
        assert [c["id"] for c in shown] == sorted(range(V), key=lambda i: -probs[t, i])[:CANDIDATES]
        assert [c["word"] for c in shown] == [word(c["id"]).text for c in shown]
        assert_allclose([c["p"] for c in shown], np.sort(probs[t])[::-1][:CANDIDATES], rtol=0, atol=HALF)
        assert sum(c["p"] for c in shown) < 1 - 1e-3  # of all 13 words: the ten are not made to add up to 1


def test_a_small_vocabulary_is_shown_whole() -> None:
    assert [c["id"] for c in candidates(np.array([0.1, 0.6, 0.3]), word)] == [1, 2, 0]


def test_equally_probable_words_stand_in_the_order_of_their_ids() -> None:
    shown = candidates(np.array([0.1, 0.3, 0.1, 0.3, 0.2]), word)
    assert [c["id"] for c in shown] == [1, 3, 4, 0, 2]


def test_a_rank_counts_the_words_that_are_more_probable() -> None:
    probs = traced()["head.probs"]
    for t, step in enumerate(told()["steps"]):
        chosen = step["chosen"]
        assert chosen["id"] == WRITTEN_IDS[t]
        assert chosen["p"] == pytest.approx(probs[t, WRITTEN_IDS[t]], abs=HALF)
        assert chosen["rank"] == 1 + sorted(range(V), key=lambda i: -probs[t, i]).index(WRITTEN_IDS[t])


def test_words_that_are_equally_probable_share_a_rank() -> None:
    def tie(key: str, x: Tensor) -> Tensor:
        if key != "head.logits":
            return x
        logits = torch.zeros_like(x)
        logits[..., 7], logits[..., [5, 3]] = 2, 1
        return logits

    trace = trace_of(make_model(), written_ids=WRITTEN_IDS, edit=tie)
    by_word = {step["chosen"]["id"]: step["chosen"]["rank"] for step in told(trace=trace)["steps"]}
    assert by_word == {7: 1, 5: 2, 3: 2, 12: 4, 4: 4, 2: 4}


def test_what_greedy_decoding_writes_is_always_the_first_choice() -> None:
    model = make_model()
    written = greedy(model, torch.tensor([SOURCE_IDS]))[0]
    trace = trace_of(model, target=[1, *written[:-1]], written_ids=written)
    for step in told(trace=trace)["steps"]:
        assert step["chosen"]["rank"] == 1
        assert step["chosen"]["id"] == step["candidates"][0]["id"]
        assert step["chosen"]["p"] == step["candidates"][0]["p"]


def test_words_come_with_what_they_are() -> None:
    steps = told()
    assert [w["text"] for w in steps["source"]] == [str(i) for i in SOURCE_IDS]
    assert [w["text"] for w in steps["read"]] == [word.text for word in READ]
    assert [w["text"] for w in steps["written"]] == [word.text for word in WRITTEN]
    assert [w["text"] for w in steps["read"] if w["special"]] == ["<s>", "</s>"]
    assert not any(w["special"] for w in steps["source"])


def test_the_payload_is_plain_json_and_the_trace_stays_as_it_was() -> None:
    trace = traced()
    before = {key: trace[key].copy() for key in trace}
    steps = told(trace=trace)
    assert json.loads(json.dumps(steps, allow_nan=False)) == steps
    assert all(np.array_equal(trace[key], before[key], equal_nan=True) for key in trace)
