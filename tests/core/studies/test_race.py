"""The race: every way is run for every length, in turn, and nothing of the model changes."""

from __future__ import annotations

import pytest
import torch

from tests.core.tiny import SOURCE_IDS, make_model
from transformer_core.glass.errors import AbilityError
from transformer_core.studies.race import WARM_UPS, race


@pytest.mark.slow
def test_every_length_gets_three_times() -> None:
    model = make_model()
    found = list(race(model, SOURCE_IDS, [5, 7], (1, 3, 8), rounds=2))
    assert [times.length for times in found] == [1, 3, 8]
    assert all(min(times.parallel, times.cached, times.growing) > 0 for times in found)


@pytest.mark.slow
def test_each_way_reads_every_position_as_often_as_its_name_says() -> None:
    model, rounds, length = make_model(), 2, 5
    rows: list[int] = []
    model.tgt_embed.register_forward_pre_hook(lambda _, arguments: rows.append(arguments[0].shape[1]))
    list(race(model, SOURCE_IDS, [5, 7, 4], (length,), rounds=rounds))
    once = [length, *[1] * length, *range(1, length + 1)]
    assert rows == once * (rounds + WARM_UPS)


def test_a_model_without_an_encoder_races_as_well() -> None:
    found = list(race(make_model(architecture="decoder-only"), None, [5, 7], (1, 4), rounds=1))
    assert [times.length for times in found] == [1, 4]
    with pytest.raises(AbilityError, match="encoder-only"):
        list(race(make_model(architecture="encoder-only"), SOURCE_IDS, [5], (1,)))


def test_a_model_in_training_stays_in_training() -> None:
    model = make_model().train()
    list(race(model, SOURCE_IDS, [5], (2,), rounds=1))
    assert model.training
    assert torch.is_grad_enabled()
