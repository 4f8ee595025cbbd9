"""What would the model say here? The head reads the output of every layer, not only of the last one.

The reading is known as the logit lens (nostalgebraist 2020, "interpreting GPT: the logit lens"). Each layer adds to the
same residual stream, so that its output can be read as if it were the last: in pre-norm through the stack's last
LayerNorm first, in post-norm as it is. Everything works on a trace alone.

Letters: L position, D d_model, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.errors import ShapeError
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import all_sites
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import block_at, key_of, layer_outs, logits_key, probs_key, written_list

Array = NDArray[Any]


@checked()
def lens_keys(plan: Plan) -> tuple[str, ...]:
    """Return the values that can be read as if they were the last: what the first layer reads, each layer's output."""
    written = written_list(plan)
    assert written is not None, f"a {plan.kind} model says nothing"
    first = block_at(plan, written.stack, 0, "input")
    assert first is not None, f"{written.stack} reads nothing"
    return (*find_formula(plan, key_of(first)).sites, *layer_outs(plan, written.stack))


@checked()
def read_early(trace: Trace, key: str) -> Array:
    """Return the probabilities of the next word if the last layer had handed on the value of `key`.

    Whatever stands between the last layer and the probabilities is applied by its own formulas, in float64. For the
    last layer itself these are the model's probabilities.

    Args:
        trace: of any architecture.
        key: a site [L, D] of the stack that the head reads; `lens_keys` names the usual ones.

    Shapes: -> [L, V].

    Raises:
        UnknownSiteError: if the model has no such site.
        ShapeError: if it is no site [L, D] of that stack.
    """
    return _read_until(trace, key, probs_key(trace.plan))


@checked()
def logits_early(trace: Trace, key: str) -> Array:
    """Return the logits from which `read_early` follows; arguments, shapes and errors as there."""
    return _read_until(trace, key, logits_key(trace.plan))


def _read_until(trace: Trace, key: str, until: str) -> Array:
    last = lens_keys(trace.plan)[-1]
    if (trace.site(key).axes, trace.site(key).sides) != (trace.site(last).axes, trace.site(last).sides):
        raise ShapeError(
            f"{key} has the axes {trace.site(key).axes}; what can be read early has those of {last}, [L, D]", key=key
        )
    sites = all_sites(trace.plan)
    names = [site.key for site in sites]
    values: dict[str, Array] = {last: trace[key].astype(np.float64)}
    pretended = Trace(trace.plan, values, parameters=trace.parameters)
    for site in sites[names.index(last) + 1 : names.index(until) + 1]:
        values[site.key] = site.formula.recompute(pretended)
    return values[until]
