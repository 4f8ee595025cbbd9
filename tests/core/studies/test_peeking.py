"""Two small models learn words that nobody can predict: behind the mask by chance, without it by peeking."""

import math

import pytest
import torch

from transformer_core.studies.peeking import CHANCE_LOSS, N_WORDS, train_to_peek

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def learnt():
    state = torch.random.get_rng_state()
    found = list(train_to_peek(180, every=60))
    assert torch.equal(torch.random.get_rng_state(), state)  # nobody else's random numbers are touched
    return found


def test_both_begin_with_the_same_weights(learnt):
    assert learnt[0].behind_mask == learnt[0].alone
    assert [peek.step for peek in learnt] == [0, 60, 120, 180]


def test_behind_the_mask_nobody_beats_chance(learnt):
    assert math.isclose(CHANCE_LOSS, math.log(N_WORDS))
    assert abs(learnt[-1].behind_mask - CHANCE_LOSS) < 0.05


def test_without_the_mask_the_answer_is_read_and_nothing_is_learnt(learnt):
    assert learnt[-1].without_mask < CHANCE_LOSS / 4
    assert learnt[-1].alone > CHANCE_LOSS + 1
