"""Sums of products along any axes: over two at once, and where several heads share one of keys and values."""

from __future__ import annotations

import numpy as np
import pytest

from tests.core.explained import DOUBLE_PRECISION, check_cell, check_sites
from transformer_core.glass.files.plan_files import plan_from_data, to_data
from transformer_core.glass.formula.starts import Tokens
from transformer_core.glass.formula.sums import Contraction, Factor, contraction
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import AttentionFacts, Block, Plan, Value, Weight
from transformer_core.glass.trace import Trace
from transformer_core.studies.heads.attention_blocks import transfer

L, WINDOW, D, F = 5, 3, 4, 2
H, G, Q, K, E = 6, 2, 5, 7, 3


def given(name: str, axes: str) -> Value:
    """A value that follows from nothing."""
    return Value(name, axes, "signed", Tokens(kind="tokens", latex=name))


def trace_of(block: Block, sizes: dict[str, int], **parameters: np.ndarray) -> Trace:
    """A trace of random numbers of one block, the last of whose values is worked out by its formula."""
    rng = np.random.default_rng(0)
    plan = Plan("small", tuple(sizes.items()), (), (block,))
    *starts, last = block.values
    values = {f"{block.path}.{one.name}": rng.normal(size=[sizes[a] for a in one.axes]) for one in starts}
    names = {f"{block.path}.{name}": value for name, value in parameters.items()}
    formula = last.formula.resolved(f"{block.path}.{last.name}", block.path, names)
    values[formula.key] = formula.recompute(Trace(plan, values, parameters=names))
    return Trace(plan, values, parameters=names)


def convolution(W_axes: str, bias: Factor | None = None) -> Block:
    """A window of `WINDOW` vectors at each position times the same weights: the sum runs along two axes."""
    x, W = Factor("x_{i,k,d}", ".window", "l K D"), Factor("W", ".W", W_axes)
    formula = contraction("conv", "y_{i,f}", "lf", x, W, bias=bias, over="k,d")
    weights = (Weight("W", "KDF"), Weight("b", "F"))
    return Block("conv", "convolution", (given("window", "LKD"), Value("out", "LF", "signed", formula)), weights)


@pytest.fixture(params=["K D f", "D K f", "f D K"])
def convolved(request: pytest.FixtureRequest) -> Trace:
    """The weights with their axes in any order."""
    sizes = {"L": L, "K": WINDOW, "D": D, "F": F}
    shape = [sizes[letter.upper()] for letter in request.param.split()]
    rng = np.random.default_rng(1)
    block = convolution(request.param, Factor("b_f", ".b", "f"))
    return trace_of(block, sizes, W=rng.normal(size=shape), b=rng.normal(size=F))


class TestTwoAxes:
    def test_the_whole_is_what_numpy_says(self, convolved: Trace) -> None:
        letters = find_formula(convolved.plan, "conv.out").factors[1].letters.lower()  # type: ignore[attr-defined]
        wanted = np.einsum(f"lkd,{letters}->lf", convolved["conv.window"], convolved.parameters["conv.W"])
        np.testing.assert_allclose(
            convolved["conv.out"], wanted + convolved.parameters["conv.b"], rtol=0, atol=DOUBLE_PRECISION
        )
        check_sites(convolved, DOUBLE_PRECISION)

    def test_every_cell_is_made_of_numbers_that_stand_where_it_says(self, convolved: Trace) -> None:
        formula = find_formula(convolved.plan, "conv.out")
        for index in np.ndindex(L, F):
            check_cell(convolved, formula.terms(convolved, index), DOUBLE_PRECISION * formula.scale(convolved))

    def test_term_after_term_the_last_axis_runs_fastest(self, convolved: Trace) -> None:
        cell = find_formula(convolved.plan, "conv.out").terms(convolved, (3, 1))
        x, W = cell.factors
        assert (cell.axis, len(cell.values)) == ("KD", WINDOW * D)
        assert [x.cell(i) for i in range(WINDOW * D)] == [(3, k, d) for k in range(WINDOW) for d in range(D)]
        order = find_formula(convolved.plan, "conv.out").factors[1].letters.lower()  # type: ignore[attr-defined]
        for term, (_, k, d) in enumerate(map(x.cell, range(WINDOW * D))):
            assert W.cell(term) == tuple({"k": k, "d": d, "f": 1}[letter] for letter in order)
        (b,) = cell.singles
        assert (b.key, b.cell(), b.summand) == ("conv.b", (1,), True)

    def test_an_input_that_is_said_to_stand_elsewhere_is_noticed(self, convolved: Trace) -> None:
        cell = find_formula(convolved.plan, "conv.out").terms(convolved, (3, 1))
        object.__setattr__(cell.factors[1], "sizes", cell.factors[1].sizes[::-1])
        with pytest.raises((AssertionError, IndexError)):
            check_cell(convolved, cell, 1e-12)

    def test_its_plan_is_written_down_and_read(self, convolved: Trace) -> None:
        assert plan_from_data(to_data(convolved.plan)) == convolved.plan


def scores(shared: int) -> Block:
    """Queries of H heads against keys of G: every head of keys belongs to `shared` heads of queries."""
    q, k = Factor("q_{i,e}", ".q", "h q E"), Factor("k_{j,e}", ".k", "h k E", shared=shared)
    formula: Contraction = contraction("scores_raw", "s_{i,j}", "hqk", q, k, over="e")
    values = given("q", "HQE"), given("k", "GKE"), Value("scores_raw", "HQK", "scores", formula)
    return Block("attn", "attention", values)


@pytest.fixture
def grouped() -> Trace:
    return trace_of(scores(H // G), {"H": H, "G": G, "Q": Q, "K": K, "E": E})


class TestGroupedHeads:
    def test_each_head_asks_the_keys_of_its_group(self, grouped: Trace) -> None:
        q, k = grouped["attn.q"], grouped["attn.k"]
        for head in range(H):
            wanted = q[head] @ k[head // (H // G)].T
            np.testing.assert_allclose(grouped["attn.scores_raw"][head], wanted, rtol=0, atol=DOUBLE_PRECISION)

    def test_every_cell_shows_the_keys_that_its_head_shares(self, grouped: Trace) -> None:
        formula = find_formula(grouped.plan, "attn.scores_raw")
        for index in np.ndindex(H, Q, K):
            cell = formula.terms(grouped, index)
            check_cell(grouped, cell, DOUBLE_PRECISION * find_formula(grouped.plan, "attn.scores_raw").scale(grouped))
            assert cell.factors[0].index == (index[0], index[1], None)
            assert cell.factors[1].index == (index[0] // (H // G), index[2], None)

    def test_what_each_key_hands_over_is_measured_through_the_values_of_its_group(self) -> None:
        """`transfer` reads v of G heads, and W_O of all."""
        rng = np.random.default_rng(3)
        sizes = {"H": H, "G": G, "Q": Q, "K": K, "E": E, "D": D}
        facts = AttentionFacts(heads=H, kv_heads=G, d_head=E, causal=False)
        w, v = Factor("w", ".weights", "h q K"), Factor("v", ".v", "h K e", shared=H // G)
        z = Value("z", "HQE", "signed", contraction("z", "z", "hqe", w, v, over="j"))
        block = Block(
            "attn", "attention", (given("v", "GKE"), given("weights", "HQK"), z), (Weight("W_O", "DD"),), facts
        )
        values = {f"attn.{one.name}": rng.normal(size=[sizes[a] for a in one.axes]) for one in block.values}
        values["attn.weights"] = np.abs(values["attn.weights"])
        W_O = rng.normal(size=(H * E, D))
        trace = Trace(Plan("small", tuple(sizes.items()), (), (block,)), values, parameters={"attn.W_O": W_O})
        moved = transfer(trace, "attn")
        for head, q, k in ((0, 0, 0), (2, 1, 3), (3, 4, 6), (5, 2, 1)):
            vector = trace["attn.v"][head // (H // G), k] @ W_O[head * E : (head + 1) * E]
            wanted = trace["attn.weights"][head, q, k] * np.linalg.norm(vector)
            np.testing.assert_allclose(moved[head, q, k], wanted, rtol=1e-12)
            np.testing.assert_allclose(transfer(trace, "attn", head)[q, k], wanted, rtol=1e-12)

    def test_groups_of_another_size_are_noticed(self) -> None:
        with pytest.raises(ValueError, match=r"matmul|broadcast|size"):
            trace_of(scores(2), {"H": H, "G": G, "Q": Q, "K": K, "E": E})
