"""What every ancestor must hold: it is traced, explained, edited, saved and cached by the glass of the Transformers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tests.core.explained import DOUBLE_PRECISION, check_cell, check_sites
from transformer_core.ancestors.base import Ancestor
from transformer_core.decoding.decode import decode
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.formulas import difference, find_formula, row_difference
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.glass.trace import Trace

CLOSE = {"rtol": 0, "atol": 1e-12}


def check_explained(trace: Trace) -> None:
    """Every value follows from what is shown, and so does every cell, by numbers that stand where they say."""
    check_sites(trace, DOUBLE_PRECISION)
    for key in trace:
        formula = find_formula(trace.plan, key)
        scale = DOUBLE_PRECISION * formula.scale(trace)
        for index in np.ndindex(trace[key].shape):
            check_cell(trace, formula.terms(trace, index), scale)
            assert index[-1] or row_difference(trace, key, index) <= DOUBLE_PRECISION, key


def check_opened(model: Ancestor, ids: list[int], path: Path) -> Trace:
    """A trace has the plan's keys, is explained, and comes back from a file; the plan lists the parameters."""
    trace = run_with_trace(model, target=ids)
    assert [site.key for site in all_sites(trace.plan)] == list(trace)
    with torch.inference_mode():
        np.testing.assert_array_equal(trace["head.logits"], model(None, torch.tensor([ids]))[0])
    listed = {one.name: len(one.axes) for one in all_parameters(model.plan)}
    assert listed == {name: one.dim() for name, one in model.parameters_by_name().items()}
    check_explained(trace)
    trace.save(path / "ancestor.npz")
    loaded = Trace.load(path / "ancestor.npz")
    assert loaded.plan == trace.plan
    for key in trace:
        np.testing.assert_array_equal(loaded[key], trace[key], err_msg=key)
        assert difference(loaded, key) <= DOUBLE_PRECISION
    return trace


def check_cached(model: Ancestor, *prefixes: list[int]) -> None:
    """Rows of different length, written with a cache, say what one pass over each says."""
    for written in decode(model, prefixes=prefixes, max_length=model.config.max_length):
        ids = torch.tensor([written.read])
        with torch.inference_mode():
            np.testing.assert_allclose(written.logits, model(None, ids, padded=False)[0], **CLOSE)


def edited(model: Ancestor, text: str, ids: list[int]) -> Trace:
    """The trace under an edit."""
    return run_with_edits(model, None, ids, parse_edits(text, model.plan))
