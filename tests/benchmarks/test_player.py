"""What the benchmark of the player plays: a long run, which its link restores."""

from __future__ import annotations

import pytest

from benchmarks.player import LATE, SOURCE, STEPS, Play, long_run
from transformer_core.decoding.rules import GREEDY
from ui.decode.unfold import PICKS, _record
from ui.state.models import DEFAULT_MODEL, Asked, get_model


@pytest.mark.slow
def test_the_run_is_long_enough_and_its_picks_lead_there() -> None:
    record, text = long_run(get_model(DEFAULT_MODEL))
    assert len(record.ids) > STEPS
    picks = PICKS.read(text)
    assert picks
    assert _record(Asked(DEFAULT_MODEL, SOURCE, ""), GREEDY, picks).ids == record.ids


def test_a_late_frame_is_one_that_left_another_out() -> None:
    assert Play([16.7, 2 * 16.7, LATE + 1, 16.6], 1.0).late == 2
