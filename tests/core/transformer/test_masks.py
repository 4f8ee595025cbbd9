"""Masks: True = may attend, blocked scores are -inf, and a row that may attend to nothing is refused."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.core.tiny import SOURCE, H, make_config
from transformer_core.glass.errors import BlockedRowError, ShapeError
from transformer_core.glass.hooks import listening, name_hook_points
from transformer_core.transformer.masks import causal_mask, full_mask, make_mask, padding_mask
from transformer_core.transformer.modules.attention import Attention

CPU = torch.device("cpu")
INF = float("inf")


def test_a_causal_mask_is_a_lower_triangle():
    mask = causal_mask(3, 3, torch.float32, CPU)
    assert mask.allowed.tolist() == [[[True, False, False], [True, True, False], [True, True, True]]]
    assert mask.additive.tolist() == [[[[0.0, -INF, -INF], [0.0, 0.0, -INF], [0.0, 0.0, 0.0]]]]


@pytest.mark.parametrize(("n_queries", "n_keys"), [(1, 7), (2, 7), (5, 7), (7, 7)])
def test_a_cached_steps_mask_is_the_last_rows_of_the_whole_mask(n_queries, n_keys):
    step, whole = (causal_mask(n, n_keys, torch.float64, CPU) for n in (n_queries, n_keys))
    assert torch.equal(step.allowed, whole.allowed[:, -n_queries:])


def test_one_query_at_the_end_may_attend_to_everything_so_there_is_nothing_to_add():
    assert causal_mask(1, 7, torch.float32, CPU).additive is None
    assert full_mask(5, 7, torch.float32, CPU).additive is None
    assert full_mask(5, 7, torch.float32, CPU).allowed.shape == (1, 5, 7)


def test_padding_is_blocked_for_every_query():
    mask = padding_mask(SOURCE, 3, 0, torch.float64)
    assert mask.allowed.tolist() == [[[True] * 5] * 3, [[True, True, True, False, False]] * 3]
    assert mask.additive.shape == (2, 1, 3, 5)


def test_a_batch_without_padding_has_nothing_to_add():
    assert padding_mask(SOURCE[:1], 3, 0, torch.float64).additive is None


def test_the_id_of_padding_is_the_configs():
    assert padding_mask(torch.tensor([[3, 16, 16]]), 1, 16, torch.float64).allowed.tolist() == [[[True, False, False]]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_blocked_is_minus_infinity_in_every_precision(dtype):
    """A large negative number would overflow in half precision, or be undercut by real scores."""
    additive = causal_mask(2, 2, dtype, CPU).additive
    assert additive.dtype == dtype
    assert additive[0, 0, 0, 1] == -INF


@pytest.mark.parametrize("allowed", [torch.ones(2, 3), torch.ones(2, 3, dtype=torch.int64)], ids=["float", "int"])
def test_a_mask_of_numbers_is_refused(allowed):
    with pytest.raises(ShapeError, match=re.escape(f"not {allowed.dtype} with shape (2, 3)")):
        make_mask(allowed, torch.float32)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 5, 7)], ids=str)
def test_a_mask_with_other_axes_is_refused(shape):
    with pytest.raises(ShapeError, match=re.escape(f"[Q, K] or [B, Q, K], not torch.bool with shape {shape}")):
        make_mask(torch.ones(shape, dtype=torch.bool), torch.float32)


def test_a_fully_blocked_row_is_refused_by_batch_entry_and_row():
    allowed = torch.ones(2, 3, 5, dtype=torch.bool)
    allowed[1, 2] = False
    message = "row 2 of the mask (batch entry 1) blocks all 5 keys"
    with pytest.raises(BlockedRowError, match=re.escape(message)) as caught:
        make_mask(allowed, torch.float32)
    assert caught.value.fields == {"row": 2, "batch": 1, "n_keys": 5}
    assert caught.value.code == "blocked_row"


def test_a_sentence_that_is_all_padding_is_refused():
    with pytest.raises(BlockedRowError, match="batch entry 1"):
        padding_mask(torch.tensor([[3, 2], [0, 0]]), 2, 0, torch.float32)


def test_more_queries_than_keys_leave_causal_rows_with_nothing():
    with pytest.raises(BlockedRowError, match="row 0"):
        causal_mask(3, 2, torch.float32, CPU)


cells = st.integers(1, 5).flatmap(lambda k: st.lists(st.lists(st.booleans(), min_size=k, max_size=k), min_size=1))


@given(cells)
def test_any_mask_is_either_refused_or_blocks_exactly_its_cells(rows):
    allowed = torch.tensor(rows)
    if not all(map(any, rows)):
        with pytest.raises(BlockedRowError):
            make_mask(allowed, torch.float64)
        return
    mask = make_mask(allowed, torch.float64)
    additive = torch.zeros(1, 1, *allowed.shape, dtype=torch.float64) if mask.additive is None else mask.additive
    assert torch.equal(additive[0, 0] == -INF, ~allowed)
    assert torch.equal(additive[0, 0] == 0, allowed)
    weights = additive.softmax(dim=-1)[0, 0]
    assert torch.equal(weights == 0, ~allowed)


@pytest.mark.parametrize("size", [1e3, 1e30], ids=str)
def test_blocked_weights_are_exactly_zero_however_large_the_scores(size):
    """Scores far below any finite "very negative" number must not let a blocked key win."""
    block = Attention(make_config())
    block.eval()
    with torch.no_grad():
        block.W_Q.copy_(torch.eye(12) * size**0.5)
        block.W_K.copy_(torch.eye(12) * -(size**0.5))
    name_hook_points(torch.nn.ModuleDict({"block": block}))
    seen = {}

    def keep(key, x):
        seen[key] = x
        return x

    x = torch.rand(1, 5, 12) + 1
    with listening(keep):
        block(x, causal_mask(5, 5, torch.float32, CPU))
    assert seen["block.scores_raw"].max() < -size
    future = torch.ones(5, 5, dtype=torch.bool).triu(1).expand(1, H, 5, 5)
    assert (seen["block.weights"][future] == 0).all()
    torch.testing.assert_close(seen["block.weights"].sum(-1), torch.ones(1, H, 5), rtol=0, atol=1e-5)
