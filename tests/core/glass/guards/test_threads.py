"""Small models run on one thread, and whatever the reader has chosen is as it was; nothing is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from threading import Barrier, Event, Thread

import pytest
import torch

from tests.core.public_calls import small_glass
from tests.core.tiny import SOURCE, make_config, make_model
from transformer_core.decoding.decode import cache_difference, decode, greedy
from transformer_core.decoding.forcing import teacher_forcing
from transformer_core.decoding.step_proof import prove_steps
from transformer_core.glass.capture import evaluating, run_with_trace
from transformer_core.glass.guards import threads
from transformer_core.glass.guards.threads import SMALL, few_threads
from transformer_core.glass.hooks import listening
from transformer_core.studies.importance import head_importance, words_without
from transformer_core.studies.patching import contrast, patch_map
from transformer_core.studies.race import race

CHILD = """
import json, sys, threading
import torch
from transformer_core import AttentionConfig, FeedForwardConfig, Transformer, TransformerConfig, run_with_trace
sizes = dict(d_model=8, n_encoder_layers=1, source_vocab_size=9)
blocks = dict(attention=AttentionConfig(2), feed_forward=FeedForwardConfig(8))
model = Transformer(TransformerConfig(architecture="encoder-only", **sizes, **blocks))
seen, chosen = set(), torch.get_num_threads()
def listener(key, x):
    seen.add(torch.get_num_threads())
    return x
run_with_trace(model, [3, 4], edit=listener)
fresh = []
thread = threading.Thread(target=lambda: fresh.append(torch.get_num_threads()))
thread.start(); thread.join()
print(json.dumps([sorted(seen), chosen, torch.get_num_threads(), fresh[0]]))
"""


@pytest.fixture
def four(monkeypatch):
    """Four threads, as PyTorch might have started with, and no choice of the reader's."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    monkeypatch.setattr(threads, "_AT_FIRST", 4)
    monkeypatch.setattr(threads, "_CHOSEN", False)
    yield 4
    torch.set_num_threads(before)


def child(**environment: str) -> list[object]:
    clean = {k: v for k, v in os.environ.items() if k not in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", CHILD], env=clean | environment, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_every_way_to_run_a_small_model_takes_one_thread_and_leaves_the_number_as_it_was(four, chinese, english):
    glass, model, seen = small_glass(chinese, english), make_model(seed=1), []

    def listener(key, x):
        seen.append(torch.get_num_threads())
        return x

    record = decode(model, SOURCE[:1], max_length=4)[0]
    pair = contrast(model, [3, 16, 7, 2], [6, 16, 7, 2])
    for run in (
        lambda: glass.translate("我有"),
        lambda: decode(model, SOURCE),
        lambda: greedy(model, SOURCE),
        lambda: teacher_forcing(model, SOURCE[:1], [[5, 2]]),
        lambda: cache_difference(model, record),
    ):
        seen.clear()
        with listening(listener):
            run()
        assert set(seen) == {1}
        assert torch.get_num_threads() == four
    for run in (  # with listeners of their own
        lambda: glass.trace("我有"),
        lambda: run_with_trace(model, [3, 2], [1, 5], edit=listener),
        lambda: prove_steps(model, record),
        lambda: head_importance(model, [3, 2], [5, 2]),
        lambda: words_without(model, [3, 2], [None]),
        lambda: contrast(model, [3, 16, 7, 2], [6, 16, 7, 2]),
        lambda: patch_map(model, pair),
    ):
        run()
        assert torch.get_num_threads() == four
    assert set(seen) == {1}


def test_between_two_answers_of_a_race_the_caller_has_its_own_number(four):
    for _ in race(make_model(), [3, 2], [5, 2], [1, 2], rounds=1):
        assert torch.get_num_threads() == four


def test_an_error_gives_the_number_back_too(four):
    def fail():
        with few_threads(SMALL):
            assert torch.get_num_threads() == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.get_num_threads() == four


def test_a_wide_model_keeps_the_threads(four):
    with few_threads(SMALL + 1):
        assert torch.get_num_threads() == four
    with evaluating(make_model(make_config(d_model=SMALL, n_heads=1))):
        assert torch.get_num_threads() == 1


def test_others_keep_theirs_while_one_is_inside(four):
    """Two that were there before, and one that comes and goes inside its own block."""
    seen: dict[str, list[int]] = {"bystander": [], "other": []}
    ready, inside, left = Barrier(3), Event(), Event()

    def bystander():
        seen["bystander"].append(torch.get_num_threads())
        ready.wait()
        inside.wait()
        seen["bystander"].append(torch.get_num_threads())

    def other():
        seen["other"].append(torch.get_num_threads())
        ready.wait()
        inside.wait()
        with few_threads(SMALL):
            seen["other"].append(torch.get_num_threads())
            left.wait()
        seen["other"].append(torch.get_num_threads())

    workers = [Thread(target=bystander), Thread(target=other)]
    for worker in workers:
        worker.start()
    ready.wait()
    with few_threads(SMALL):
        inside.set()
        workers[0].join()
    left.set()
    workers[1].join()
    assert seen == {"bystander": [4, 4], "other": [4, 1, 4]}
    fresh: list[int] = []
    late = Thread(target=lambda: fresh.append(torch.get_num_threads()))
    late.start()
    late.join()
    assert (torch.get_num_threads(), fresh) == (4, [4])


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "MKL_NUM_THREADS"])
def test_a_number_in_the_environment_is_a_choice(name, monkeypatch):
    for other in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(other, raising=False)
    assert not threads.is_chosen()
    monkeypatch.setenv(name, "2")
    assert threads.is_chosen()


@pytest.mark.slow
def test_the_number_that_the_environment_says_stays():
    seen, chosen, then, fresh = child(OMP_NUM_THREADS="2")  # one on a machine with one core
    assert chosen == then == fresh
    assert seen == [chosen]


def test_the_number_that_was_set_stays(four):
    torch.set_num_threads(3)
    with few_threads(SMALL):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == 3


@pytest.mark.slow
def test_what_pytorch_starts_with_is_there_again_afterwards():
    seen, chosen, then, fresh = child()
    assert seen == [1]
    assert chosen == then == fresh
