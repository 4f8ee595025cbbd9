"""A few lines of Python that reproduce one number of a trace, to be run in a notebook next to this package."""

from __future__ import annotations

from transformer_core.glass.compare import has_difference
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import parameters_by_name

_LOAD = """\
from transformer_core import {names}

trace = load_model({model!r}).trace({texts})
key = {key!r}
cell = {cell}
"""
_LOAD_EDITED = """\
from transformer_core import {names}

glass = load_model({model!r})
edits = parse_edits({edits!r}, glass.plan)
trace = glass.trace({texts}, edits=edits)
key = {key!r}
cell = {cell}
"""
_LOAD_BOTH = """\
from transformer_core import {names}

glass = load_model({model!r})
edits = parse_edits({edits!r}, glass.plan)
edited, original = glass.trace({texts}, edits=edits), glass.trace({texts})
key = {key!r}
cell = {cell}
"""
_DIFFERENCE = """
value = run_difference(edited, original, key)  # edited - original; nan where one of the two is infinite
print(f"{edited.site(key).axes = }, {value.shape = }")
print(f"{edited.tokens_of(key) = }")
print(f"{edited[key][cell] = }, {original[key][cell] = }")
print(f"{value[cell] = }")
"""
_SITE = """
value = trace[key]
print(f"{trace.site(key).axes = }, {value.shape = }")
print(f"{trace.tokens_of(key) = }")
print(f"{value[cell] = }")

recomputed = find_formula(trace.plan, key).recompute(trace)
print(f"{recomputed[cell] = }")
print(f"{difference(trace, key) = :.1e}")
"""
_PARAMETER = """
value = trace.parameters[key]
print(f"{find_parameter(trace.plan, key).axes = }, {value.shape = }")
print(f"{value[cell] = }")
"""


def snippet(
    plan: Plan,
    model: str,
    source: str,
    target: str,
    key: str,
    cell: tuple[int, ...],
    edits: str = "",
    *,
    difference: bool = False,
) -> str:
    """Return Python that traces a sentence, shows one cell, and, where it is a site's, recomputes it and compares.

    Args:
        plan: of the model.
        model: its name.
        source: the sentence.
        target: what the decoder is made to write; "" for the model's own translation.
        key: of a site, or the name of a parameter.
        cell: an index into the whole value.
        edits: the text of the edits under which it runs.
        difference: whether it shows how the edited run differs from the original instead; parameters and ids do not.
    """
    # Texts and names go through repr: whatever was typed stays a string.
    texts = repr(source) + (f", target={target!r}" if target else "")
    facts = {"model": model, "texts": texts, "key": key, "cell": cell}
    if difference and edits and has_difference(plan, key):
        return _LOAD_BOTH.format(names="load_model, parse_edits, run_difference", edits=edits, **facts) + _DIFFERENCE
    if key in parameters_by_name(plan):
        names, rest = "find_parameter, load_model", _PARAMETER
    else:
        names, rest = "difference, find_formula, load_model", _SITE
    if edits:
        return _LOAD_EDITED.format(names=f"{names}, parse_edits", edits=edits, **facts) + rest
    return _LOAD.format(names=names, **facts) + rest
