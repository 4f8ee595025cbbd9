"""The badge of a cell is worked out for its row; of a large parameter only the part that is read is compared."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import examples
from tests.core.tiny import OTHER_OPTIONS, SHAPES, SOURCE_IDS, TARGET_IDS, make_config, make_model, trace_of
from transformer_core.glass.errors import ChangedWeightsError, ShapeError
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import Masked, Pointwise, Softmax
from transformer_core.glass.formula.starts import Lookup
from transformer_core.glass.formula.sums import Average, Contraction
from transformer_core.glass.formulas import MANY_COLUMNS, difference, find_formula, row_difference
from transformer_core.glass.trace import Trace

LONG = 4096  # positions with which the scores of a tiny model could outgrow the limit


class TestRows:
    """The badge of a cell is that of its row."""

    @examples(12)
    @given(
        shape=st.sampled_from(SHAPES),
        options=st.sampled_from([{}, OTHER_OPTIONS]),
        max_length=st.sampled_from([64, LONG]),
        dtype=st.sampled_from([torch.float32, torch.float64]),
        data=st.data(),
    )
    def test_a_row_is_that_of_the_whole_value(self, shape, options, max_length, dtype, data):
        trace = trace_of(make_model(make_config(**shape, **options, max_length=max_length), dtype=dtype))
        worst = 64 * torch.finfo(dtype).eps
        for key in trace:
            formula, array = find_formula(trace.plan, key), trace[key]
            index = tuple(data.draw(st.integers(0, n - 1)) for n in array.shape)
            row, largest = formula.row(trace, index)
            whole = formula.recompute(trace).astype(np.float64)
            scale = formula.scale(trace)
            np.testing.assert_array_equal(np.isfinite(row), np.isfinite(whole[index[:-1]]), err_msg=key)
            finite = np.isfinite(row)
            np.testing.assert_allclose(row[finite], whole[index[:-1]][finite], rtol=0, atol=1e-13 * (1 + scale))
            assert largest <= scale * (1 + 1e-12), key
            assert row_difference(trace, key, index) <= worst, key

    def test_every_kind_of_formula_has_its_own_row(self):
        """One that is made of a large array works out no more than the row."""
        for kind in (Pointwise, Masked, Softmax, Lookup, Average, Contraction):
            assert kind._row is not Formula._row

    def test_a_wrong_number_is_found_in_its_row_and_in_no_other(self):
        trace = trace_of(make_model(make_config(max_length=19)))
        values = {key: trace[key] for key in trace}
        key = "decoder.0.ffn.out"
        values[key] = values[key].copy()
        values[key][2, 5] += 0.1
        wrong = Trace(trace.plan, values, parameters=trace.parameters)
        assert row_difference(wrong, key, (2, 0)) > 1e-3
        assert row_difference(wrong, key, (3, 0)) < 1e-13
        assert difference(wrong, key) > 1e-3

    def test_no_such_cell(self):
        trace = trace_of(make_model())
        with pytest.raises(ShapeError):
            row_difference(trace, "decoder.0.ffn.out", (99, 0))

    def test_of_a_long_row_the_cell_alone(self):
        config = make_config("decoder-only", target_vocab_size=MANY_COLUMNS + 1)
        trace = trace_of(make_model(config, dtype=torch.float32))
        values = {key: trace[key] for key in trace}
        values["head.logits"] = values["head.logits"].copy()
        values["head.logits"][2, 5] += 1
        wrong = Trace(trace.plan, values, parameters=trace.parameters)
        assert row_difference(wrong, "head.logits", (2, 5)) > 1e-3
        assert row_difference(wrong, "head.logits", (2, 6)) < 1e-6
        assert row_difference(trace, "head.probs", (2, 6)) < 1e-6


class TestParts:
    """Of a large parameter only the part that is read is compared."""

    def model(self):
        config = make_config("decoder-only", d_model=192, n_heads=1, target_vocab_size=9000)
        return make_model(config, dtype=torch.float32)

    def test_a_change_is_found_where_it_is_read(self):
        model = self.model()
        trace = trace_of(model)
        model.head.W.data[8000, 3] += 1
        assert trace.array_for("head.W", (3, None)).shape == (9000, 192)
        for index in ((8000, None), (8000, 0), (None, 3)):
            with pytest.raises(ChangedWeightsError):
                trace.array_for("head.W", index)
        with pytest.raises(ChangedWeightsError):
            trace.array("head.W")

    def test_of_a_matrix_that_lies_the_other_way_round_it_is_columns(self):
        model = self.model()
        model.head.W.data = model.head.W.data.T.contiguous().T
        trace = trace_of(model)
        model.head.W.data[8000, 3] += 1
        assert trace.array_for("head.W", (8000, 190)).shape == (9000, 192)
        for index in ((None, 3), (8000, 3), (8000, None)):
            with pytest.raises(ChangedWeightsError):
                trace.array_for("head.W", index)

    def test_it_can_not_be_written(self):
        trace = trace_of(self.model())
        assert not trace.array_for("head.W", (3, None)).flags.writeable
        assert trace.shape("head.W") == (9000, 192) == trace.array("head.W").shape
        assert trace.shape("head.logits") == trace["head.logits"].shape
        assert len(SOURCE_IDS) < len(TARGET_IDS) == len(trace["head.logits"])
