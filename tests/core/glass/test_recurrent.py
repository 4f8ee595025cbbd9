"""A model that is no Transformer: a loop over time is traced, explained, edited and saved by the same code."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.core.explained import DOUBLE_PRECISION, check_cell, check_sites
from tests.core.recurrent import TANH, D, F, Recurrent, V
from transformer_core.edits.base import Edit, Run
from transformer_core.edits.errors import EditPositionError, EditSiteError
from transformer_core.edits.listeners import BatchListener, as_listener
from transformer_core.edits.parse import parse_edit, parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import RowError
from transformer_core.glass.formula.operations import OPERATIONS
from transformer_core.glass.formulas import difference, find_formula, provenance
from transformer_core.glass.hooks import listening
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import all_parameters, all_sites, written_keys
from transformer_core.glass.trace import Trace

IDS, OTHER = [1, 4, 9, 4, 7, 3], [1, 8, 5, 10]
ENCODE = {"other": OTHER}.__getitem__
CLOSE = {"rtol": 0, "atol": 1e-12}
ROWS = ("cell.x_in", "cell.h_in", "cell.pre", "cell.h")


@pytest.fixture(autouse=True)
def _with_tanh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new operation is one object under its name, and nothing else."""
    monkeypatch.setitem(OPERATIONS, TANH.name, TANH)


@pytest.fixture
def model() -> Recurrent:
    return Recurrent().double().eval()


@pytest.fixture
def trace(model: Recurrent) -> Trace:
    return run_with_trace(model, target=IDS)


def edited(model: Recurrent, text: str, ids: list[int] = IDS) -> Trace:
    return run_with_edits(model, None, ids, parse_edits(text, model.plan), encode=ENCODE)


class TestTrace:
    def test_it_holds_every_row_of_every_value(self, model: Recurrent, trace: Trace) -> None:
        with torch.inference_mode():
            logits = model(torch.tensor([IDS]))[0]
        np.testing.assert_array_equal(trace["says.logits"], logits)
        assert [site.key for site in all_sites(trace.plan)] == list(trace)
        assert [trace[key].shape for key in ROWS] == [(len(IDS), F)] * 4
        assert trace["embed.out"].shape == (len(IDS), D)
        assert trace["says.probs"].shape == (len(IDS), V)
        assert trace.tokens_of("cell.h") == (("1", "4", "9", "4", "7", "3"), None)

    def test_its_numbers_are_those_of_pytorchs_own_cell(self, model: Recurrent, trace: Trace) -> None:
        cell = torch.nn.RNN(D, F, batch_first=True).double()
        with torch.no_grad():
            cell.weight_ih_l0.copy_(model.cell.W.T)
            cell.weight_hh_l0.copy_(model.cell.U.T)
            cell.bias_ih_l0.copy_(model.cell.b)
            cell.bias_hh_l0.zero_()
            wanted = cell(torch.tensor(trace["embed.out"])[None])[0][0]
        np.testing.assert_allclose(trace["cell.h"], wanted, **CLOSE)

    def test_its_parameters_are_those_that_the_plan_lists(self, model: Recurrent) -> None:
        sizes = {"V": V, "D": D, "F": F}
        listed = {one.name: tuple(sizes[axis] for axis in one.axes) for one in all_parameters(model.plan)}
        assert listed == {name: tuple(p.shape) for name, p in model.named_parameters()}

    def test_row_t_is_the_last_row_of_a_run_that_ends_there(self, model: Recurrent, trace: Trace) -> None:
        for n in range(1, len(IDS)):
            short = run_with_trace(model, target=IDS[:n])
            for key in written_keys(model.plan):
                np.testing.assert_allclose(trace[key][:n], short[key], err_msg=key, **CLOSE)

    def test_it_is_saved_and_loaded(self, trace: Trace, tmp_path: Path) -> None:
        trace.save(tmp_path / "loop.npz")
        loaded = Trace.load(tmp_path / "loop.npz")
        assert loaded.plan == trace.plan
        assert loaded.words == trace.words
        for key in trace:
            np.testing.assert_array_equal(loaded[key], trace[key], err_msg=key)
            assert difference(loaded, key) <= DOUBLE_PRECISION


class TestExplained:
    def test_every_value_follows_from_its_inputs(self, trace: Trace) -> None:
        check_sites(trace, DOUBLE_PRECISION)
        for key in trace:
            for index in np.ndindex(trace[key].shape):
                check_cell(
                    trace,
                    find_formula(trace.plan, key).terms(trace, index),
                    DOUBLE_PRECISION * find_formula(trace.plan, key).scale(trace),
                )

    def test_a_term_stands_in_the_row_before(self, trace: Trace) -> None:
        cell = find_formula(trace.plan, "cell.h_in").terms(trace, (3, 2))
        h, U = cell.factors
        assert [h.cell(i) for i in range(F)] == [(2, i) for i in range(F)]
        assert [U.cell(i) for i in range(F)] == [(i, 2) for i in range(F)]
        np.testing.assert_array_equal(h.values, trace["cell.h"][2])

    def test_before_the_first_row_stand_zeros(self, trace: Trace) -> None:
        cell = find_formula(trace.plan, "cell.h_in").terms(trace, (0, 2))
        assert (cell.value, cell.total, cell.factors[0].key) == (0, 0, "")
        assert cell.factors[0].values.tolist() == [0] * F

    def test_another_row_is_no_explanation(self, trace: Trace) -> None:
        values = {key: trace[key] for key in written_keys(trace.plan)}
        values["cell.h"] = np.roll(trace["cell.h"], 1, axis=0)
        wrong = Trace(trace.plan, values, parameters=trace.parameters)
        assert difference(wrong, "cell.h_in") > 1e-3

    def test_where_it_comes_from_leads_back_through_time_to_the_words(self, model: Recurrent) -> None:
        found = provenance(model.plan, "cell.h")
        assert found[0] == "cell.pre"
        assert set(found) == {"cell.pre", "cell.x_in", "cell.h_in", "embed.out", "embed.tokens"}


class TestEdits:
    def test_zeros_in_one_row_are_what_the_next_one_reads(self, model: Recurrent, trace: Trace) -> None:
        found = edited(model, "zero:cell.h:2")
        assert (found.edited, found.changed, found.breaks_causality) == (("cell.h",), (True,), False)
        for key in ROWS:
            np.testing.assert_array_equal(found[key][:2], trace[key][:2], err_msg=key)
        assert not found["cell.h"][2].any()
        np.testing.assert_array_equal(found["cell.pre"][3], trace["cell.x_in"][3])
        assert not np.allclose(found["cell.h"][3:], trace["cell.h"][3:], **CLOSE)
        assert [key for key in found if difference(found, key) > DOUBLE_PRECISION] == ["cell.h"]

    def test_what_is_frozen_does_not_follow_an_edit_further_up(self, model: Recurrent, trace: Trace) -> None:
        moved, frozen = edited(model, "zero:embed.out:1"), edited(model, "zero:embed.out:1;freeze:cell.h:3")
        assert not np.allclose(moved["cell.h"][3], trace["cell.h"][3], **CLOSE)
        np.testing.assert_array_equal(frozen["cell.h"][:3], moved["cell.h"][:3])
        np.testing.assert_array_equal(frozen["cell.h"][3:], trace["cell.h"][3:])
        whole = edited(model, "zero:embed.out:1;freeze:cell.h:*")
        np.testing.assert_array_equal(whole["says.logits"], trace["says.logits"])

    def test_a_row_from_another_run_goes_on_from_there(self, model: Recurrent, trace: Trace) -> None:
        found, other = edited(model, "patch:cell.h:2:other"), run_with_trace(model, target=OTHER)
        np.testing.assert_array_equal(found["cell.h"][:2], trace["cell.h"][:2])
        np.testing.assert_array_equal(found["cell.h"][2], other["cell.h"][2])
        np.testing.assert_array_equal(
            edited(model, "patch:cell.h:0,1,2,3:other", [*OTHER[:3], 7])["cell.h"], other["cell.h"]
        )
        with pytest.raises(EditPositionError, match="copies position 4, and the other sentence has 4"):
            edited(model, "patch:cell.h:4:other")

    def test_an_edit_that_puts_what_was_there_is_none(self, model: Recurrent, trace: Trace) -> None:
        found = edited(model, "freeze:cell.h:1,3")
        assert (found.edited, found.changed) == ((), (False,))
        np.testing.assert_array_equal(found["says.logits"], trace["says.logits"])

    def test_a_mean_over_rows_that_are_not_there_yet_is_refused(self, model: Recurrent) -> None:
        with pytest.raises(EditSiteError, match=r"cell\.h cannot be edited like this: mean"):
            parse_edit("mean:cell.h:1", model.plan)
        assert parse_edit("mean:embed.out:1", model.plan)

    def test_a_row_that_is_not_there_is_refused(self, model: Recurrent) -> None:
        with pytest.raises(EditPositionError, match="position 6 of the target, which has 6"):
            edited(model, "zero:cell.h:6")

    def test_an_edit_is_told_its_row(self, model: Recurrent) -> None:
        told: list[tuple[str, int | None, tuple[int, ...]]] = []

        @dataclass(frozen=True)
        class Told(Edit):
            seen: list[tuple[str, int | None, tuple[int, ...]]] = field(default_factory=lambda: told)

            def check(self, plan: Plan) -> None:
                pass

            def keys(self, plan: Plan) -> tuple[str, ...]:
                return "cell.h", "says.logits"

            def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
                self.seen.append((key, run.row, tuple(x.shape)))
                return x

            def to_text(self) -> str:
                return "told"

        with torch.inference_mode(), listening(as_listener([Told()], model, None, None)):
            model(torch.tensor([IDS]))
        rows = [("cell.h", t, (1, 1, F)) for t in range(len(IDS))]
        assert told == [*rows, ("says.logits", None, (1, len(IDS), V))]

    def test_each_entry_of_a_batch_has_edits_of_its_own(self, model: Recurrent) -> None:
        texts = ["zero:cell.h:2", "", "freeze:cell.pre:1;zero:embed.out:0", "zero:cell.h_in:*"]
        ids = torch.tensor([IDS])
        rows = [as_listener(parse_edits(text, model.plan), model, None, ids) if text else None for text in texts]
        with torch.inference_mode(), listening(BatchListener(rows)):
            logits = model(ids.expand(len(texts), -1)).numpy()
        for row, text in enumerate(texts):
            np.testing.assert_allclose(logits[row], edited(model, text)["says.logits"], err_msg=text, **CLOSE)


class Twice(Recurrent):
    """Passes the words twice, and does not say at which row."""

    def forward(self, target: Tensor) -> Tensor:
        """Return the logits."""
        self.embed(target)
        return super().forward(target)


class Standing(Recurrent):
    """Stays at its first row."""

    def forward(self, target: Tensor) -> Tensor:
        """Return the logits."""
        x = self.embed(target)
        for t in range(x.shape[1]):
            self.cell.x_in(x[:, t], row=0)
        return x


@pytest.fixture(
    params=[
        (Twice, "embed.tokens was passed twice", "embed.tokens"),
        (Standing, "row 0 of", "cell.x_in"),
    ]
)
def wrong(request: pytest.FixtureRequest) -> tuple[Recurrent, str, str]:
    make, message, key = request.param
    return make().double(), message, key


def test_a_value_that_is_passed_twice_or_without_a_row_is_an_error(wrong: tuple[Recurrent, str, str]) -> None:
    model, message, key = wrong
    with pytest.raises(RowError, match=message) as caught:
        run_with_trace(model, target=IDS)
    assert caught.value.fields["key"] == key
