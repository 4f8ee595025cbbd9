"""The difference of two runs: of every site, and NaN where there is nothing to subtract."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.core.tiny import make_model
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.compare import has_difference, run_difference, subtract
from transformer_core.glass.errors import UnknownSiteError


def test_infinities_leave_no_number_and_masks_count() -> None:
    values, others = np.array([-np.inf, -np.inf, 3.0, 1.5], "f4"), np.array([-np.inf, 1.0, -np.inf, 1.0], "f4")
    assert_array_equal(subtract(values, others), [np.nan, np.nan, np.nan, 0.5])
    assert_array_equal(subtract(np.array([True, False]), np.array([False, True])), [1, -1])


def test_of_every_site_it_is_what_the_edit_adds() -> None:
    model = make_model()
    edits = parse_edits("off:encoder.0.self_attn:1", model.plan)
    edited, original = run_with_edits(model, [3, 4, 2], [1, 5], edits), run_with_trace(model, [3, 4, 2], [1, 5])
    for key in original:
        one, other = edited[key].astype(float), original[key].astype(float)
        there = np.isfinite(one) & np.isfinite(other)
        found = run_difference(edited, original, key)
        assert_array_equal(found[there], one[there] - other[there], err_msg=key)
        assert np.isnan(found[~there]).all()
    assert np.abs(run_difference(edited, original, "encoder.0.self_attn.out")).max() > 0
    with pytest.raises(UnknownSiteError):
        run_difference(edited, original, "nowhere")


def test_neither_parameters_nor_ids_can_differ() -> None:
    plan, keys = make_model().plan, ("encoder.0.ln1.gamma", "src_embed.tokens", "src_embed.out")
    assert [has_difference(plan, key) for key in keys] == [0, 0, 1]
