"""One cell at a time: what it is made of, where that stands, and the worked example of the literature."""

import re

import numpy as np
import pytest
import torch

from tests.core.tiny import make_model, trace_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ShapeError
from transformer_core.glass.formulas import all_formulas, find_formula
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans import transformer_plan


@pytest.fixture(scope="module")
def trace():
    return trace_of(make_model(output_bias=True))


class TestOneCell:
    def test_a_query_is_a_sum_over_its_heads_columns(self, trace):
        cell = find_formula(trace.plan, "decoder.1.cross_attn.q").terms(trace, (2, 5, 3))
        x, W = cell.factors
        (b,) = cell.singles
        assert (cell.operation.name, cell.axis, cell.values.shape) == ("sum", "D", (12,))
        assert (x.key, x.index) == ("decoder.1.ln1.out", (5, None))
        assert (W.key, W.index) == ("decoder.1.cross_attn.W_Q", (None, 11))
        assert (b.key, b.index) == ("decoder.1.cross_attn.b_Q", (11,))
        np.testing.assert_array_equal(cell.values, x.values * W.values)

    def test_a_heads_output_reads_its_own_rows_of_the_output_map(self, trace):
        cell = find_formula(trace.plan, "decoder.0.self_attn.head_out").terms(trace, (2, 5, 7))
        z, W = cell.factors
        assert (z.index, W.index, W.start) == ((2, 5, None), (None, 7), 8)
        assert [W.cell(i) for i in range(4)] == [(8, 7), (9, 7), (10, 7), (11, 7)]
        np.testing.assert_array_equal(W.values, trace.parameters["decoder.0.self_attn.W_O"][8:12, 7])

    def test_a_blocks_output_is_the_sum_of_its_heads(self, trace):
        cell = find_formula(trace.plan, "decoder.0.self_attn.out").terms(trace, (5, 7))
        assert (cell.axis, cell.factors[0].index) == ("H", (None, 5, 7))
        np.testing.assert_array_equal(cell.values, trace["decoder.0.self_attn.head_out"][:, 5, 7])

    def test_a_weight_shows_its_row_the_largest_score_and_the_sum(self, trace):
        cell = find_formula(trace.plan, "decoder.0.self_attn.weights").terms(trace, (1, 3, 2))
        scores = trace["decoder.0.self_attn.scores"][1, 3]
        top, total = cell.singles
        assert (cell.operation.name, cell.axis) == ("softmax", "K")
        assert cell.factors[0].index == (1, 3, None)
        assert (top.key, top.cell()) == ("decoder.0.self_attn.scores", (1, 3, int(scores.argmax())))
        assert cell.values[4:].tolist() == [0, 0, 0]  # later positions are blocked
        assert cell.values.max() == 1
        assert total.values[0] == cell.values.sum()

    def test_a_blocked_score_is_a_score_plus_minus_infinity(self, trace):
        formula = find_formula(trace.plan, "decoder.0.self_attn.scores")
        blocked, free = formula.terms(trace, (0, 2, 3)), formula.terms(trace, (0, 3, 2))
        assert (blocked.value, blocked.total, blocked.singles[1].values[0]) == (-np.inf, -np.inf, -np.inf)
        assert free.singles[1].values[0] == 0
        assert free.total == free.singles[0].values[0] == free.value

    def test_the_rest_of_the_operations(self, trace):
        """What is not a sum says in its operation what it does with its few numbers."""
        found = {}
        for key, formula in all_formulas(trace.plan).items():
            cell = formula.terms(trace, (0,) * trace[key].ndim)
            found[formula.kind] = (cell.operation.name, cell.axis, len(cell.factors), len(cell.singles))
        assert found == {
            "tokens": ("given", "", 0, 0),
            "lookup": ("select", "", 0, 2),
            "scaled": ("product", "", 0, 2),
            "pos_sinusoidal": ("sine", "", 0, 3),
            "embed_out": ("sum", "", 0, 2),
            "input": ("copy", "", 0, 1),
            "q": ("sum", "D", 2, 1),
            "k": ("sum", "D", 2, 1),
            "v": ("sum", "D", 2, 1),
            "scores_raw": ("sum", "E", 2, 0),
            "scores_scaled": ("quotient", "", 0, 2),
            "mask_padding": ("compare", "", 0, 2),
            "mask_causal": ("compare", "", 0, 2),
            "scores": ("sum", "", 0, 2),
            "weights": ("softmax", "K", 1, 2),
            "z": ("sum", "K", 2, 0),
            "head_out": ("sum", "E", 2, 0),
            "attn_out": ("sum", "H", 1, 1),
            "add": ("sum", "", 0, 2),
            "mean": ("sum", "D", 1, 1),
            "var": ("sum", "D", 1, 2),
            "normalized": ("normalize", "", 0, 4),
            "ln_out": ("affine", "", 0, 3),
            "ffn_pre": ("sum", "D", 2, 1),
            "relu": ("relu", "", 0, 1),
            "ffn_out": ("sum", "F", 2, 1),
            "layer_out": ("copy", "", 0, 1),
            "stack_out": ("copy", "", 0, 1),
            "logits": ("sum", "D", 2, 1),
            "probs": ("softmax", "V", 1, 2),
        }

    def test_sine_and_cosine_share_the_angle_of_their_pair(self, trace):
        formula = find_formula(trace.plan, "tgt_embed.pos")
        sine, cosine = formula.terms(trace, (5, 10)), formula.terms(trace, (5, 11))
        assert (sine.operation.name, cosine.operation.name) == ("sine", "cosine")
        for cell in (sine, cosine):
            assert [single.values[0] for single in cell.singles] == [5, 10000 ** (10 / 12), 5 / 10000 ** (10 / 12)]

    @pytest.mark.parametrize(
        "index",
        [(), (0,), (0, 0, 0, 0), (3, 0, 0), (0, 7, 0), (0, 0, -1), (0.0, 0, 0), 3, "qke", (None, 0, 0)],
        ids=str,
    )
    def test_a_cell_that_is_not_there_is_refused(self, trace, index):
        key = "decoder.0.cross_attn.weights"
        message = f"{key} has shape (3, 7, 5), and {index!r} is no cell of it: give 3 integers"
        with pytest.raises(ShapeError, match=re.escape(message)) as caught:
            find_formula(trace.plan, key).terms(trace, index)
        assert caught.value.fields == {"key": key, "index": index, "shape": (3, 7, 5)}

    def test_a_cell_may_be_named_by_numpy_integers(self, trace):
        cell = find_formula(trace.plan, "encoder.out").terms(trace, np.array([1, 2]))
        assert cell.index == (1, 2)
        assert all(type(i) is int for i in cell.index)


def test_the_worked_example_of_the_literature():
    """Scores 112 and 96 with d_k = 64 become 14 and 12, and weights 0.88 and 0.12."""
    config = TransformerConfig(
        architecture="encoder-only",
        d_model=64,
        n_encoder_layers=1,
        source_vocab_size=5,
        attention=AttentionConfig(1),
        feed_forward=FeedForwardConfig(2),
    )
    block = "encoder.0.self_attn"

    def edit(key, x):
        return torch.tensor([[112.0, 96.0]] * 2, dtype=x.dtype)[None, None] if key == f"{block}.scores_raw" else x

    trace = run_with_trace(make_model(config), [3, 4], edit=edit)
    scaled, weights = (
        find_formula(transformer_plan(config), f"{block}.{name}") for name in ("scores_scaled", "weights")
    )
    np.testing.assert_array_equal(scaled.recompute(trace)[0, 0], [14, 12])
    np.testing.assert_array_equal(weights.recompute(trace)[0, 0].round(2), [0.88, 0.12])
    cell = scaled.terms(trace, (0, 0, 0))
    assert [single.values[0] for single in cell.singles] == [112, 8]
    assert cell.total == cell.value == 14
    cell = weights.terms(trace, (0, 0, 1))
    assert cell.factors[0].values.tolist() == [14, 12]
    np.testing.assert_allclose(cell.values, [1, np.exp(-2)], rtol=1e-13)
    assert round(cell.total, 2) == 0.12
