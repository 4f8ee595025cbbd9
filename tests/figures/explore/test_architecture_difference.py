"""The map of a difference: every byte is a share of the original, all on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from figures.explore.architecture import BLOCKED, ZERO, architecture
from tests.core.tiny import NORMS, make_model, trace_of
from tests.figures.explore.map_pictures import WRITTEN_IDS, cells, pictures, plain, rows_of, traced
from transformer_core.glass.trace import Trace


@pytest.fixture(params=NORMS)
def trace(request: pytest.FixtureRequest) -> Trace:
    return traced(request.param)


class TestDifference:
    def test_strips_and_matrices_show_shares_of_the_original_on_one_scale(self) -> None:
        edited, original = trace_of(make_model(seed=3), written_ids=WRITTEN_IDS), traced()
        found, shares = architecture(edited, original), {}
        for picture in pictures(found):
            key = picture["key"]
            apart, whole = edited[key] - original[key], original[key]
            assert plain(picture["high"]) == pytest.approx(apart.max(), rel=6e-3, abs=6e-4)
            matrix = key.endswith("weights")
            apart, whole = (v.mean(axis=0) if matrix else rows_of(v) for v in (apart, whole))
            shares[key] = apart / np.abs(whole).max()
        assert found["full"] == pytest.approx(max(np.abs(share).max() for share in shares.values()))
        for picture in pictures(found):
            wanted = np.round(shares[picture["key"]] / found["full"] * 127) + 127
            if "weights" in picture["key"]:
                assert picture["signed"]
                wanted = np.where(original[picture["key"].replace("weights", "mask")], wanted, BLOCKED)
            assert_array_equal(cells(picture), wanted, picture["key"])

    def test_what_is_looked_at_and_what_is_added_are_differences(self) -> None:
        edited, original = trace_of(make_model(seed=3), written_ids=WRITTEN_IDS), traced()
        cross, _, feed = architecture(edited, original)["lanes"]["decoder"]["layers"][1][-4:-1]
        apart = edited["decoder.1.cross_attn.weights"] - original["decoder.1.cross_attn.weights"]
        assert cross["looked"] == pytest.approx(apart.mean(axis=(0, 1)), abs=6e-5)
        assert min(cross["looked"]) < 0 < max(cross["looked"])
        added = architecture(edited, original)["lanes"]["decoder"]["layers"][1][-1]["added"]
        change = np.linalg.norm(edited["decoder.1.ffn.out"] - original["decoder.1.ffn.out"], axis=1)
        met = sum(np.linalg.norm(original[f"decoder.1.{key}"], axis=1) for key in ("ln2.out", "ffn.out"))
        assert added == pytest.approx(change / met, abs=6e-5)
        assert "looked" not in feed

    def test_the_written_words_have_their_probability_in_both_runs(self) -> None:
        edited, original = trace_of(make_model(seed=3), written_ids=WRITTEN_IDS), traced()
        found = architecture(edited, original)
        for name, run in (("probs", edited), ("before", original)):
            wanted = [run["head.probs"][i, word] for i, word in enumerate(WRITTEN_IDS)]
            assert found[name] == pytest.approx(wanted, abs=6e-6)
        assert architecture(edited)["before"] is None

    def test_no_difference_is_neutral_everywhere(self, trace: Trace) -> None:
        found = architecture(trace, trace)
        assert found["full"] == 1
        for picture in pictures(found):
            assert set(np.unique(cells(picture))) <= {ZERO, BLOCKED}
