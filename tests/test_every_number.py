"""The example that works every number out again finds nothing that it cannot explain."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from examples.every_number import explained, main
from transformer_core import find_formula, load_model
from transformer_core.models.files import bundled_models, road_models


@pytest.mark.slow
def test_every_site_is_recomputed_and_every_cell_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    main(n_sentences=1, n_cells=2)
    lines = capsys.readouterr().out.strip().split("\n")
    rows = [re.findall(r"[^|\s][^|]*[^|\s]|[^|\s]", line) for line in lines[2:]]
    assert {row[0] for row in rows} == {*bundled_models(), *road_models()}
    for _, sentences, sites, recomputed, worst, cells in rows:
        assert sentences == "1"
        assert recomputed == f"{sites} of {sites}"
        assert float(worst) <= 1e-5
        assert cells == f"{2 * int(sites)} of {2 * int(sites)}"


def test_a_cell_that_does_not_add_up_does_not_count() -> None:
    trace = load_model("zh-en").trace("我有一只猫")
    cell = find_formula(trace.plan, "encoder.0.ffn.pre").terms(trace, (1, 2))
    assert explained(cell, 1.0)
    assert not explained(replace(cell, singles=()), 0.01)
    assert not explained(replace(cell, total=cell.total + 1), 1.0)
