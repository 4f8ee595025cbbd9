"""A few lines of Python that reproduce the numbers of a picture that follows from a trace, to be run in a notebook."""

from __future__ import annotations

_START = """\
import numpy as np

from transformer_core import {names}

glass = load_model({model!r})
"""
_EDITS = """\
edits = parse_edits({edits!r}, glass.plan)
"""
_TRACE = """\
trace = glass.trace({texts})
"""
_VALUES = """
values = picture(trace)
"""
_DIFFERENCE = """
original = glass.trace({texts})
values = picture(trace) - picture(original)  # edited - original
"""
_END = """
print(f"{values.shape = }")
print(values)
"""
_WORDS = """\
best = np.argsort(-trace["{probs}"], axis=1)[:, :5]  # of each position the five most probable words


def picture(trace):
    return np.take_along_axis(trace["{probs}"], best, axis=1)
"""
# Of pictures that follow from a trace alone: the names that they import, and `picture`, a function of a trace.
_OF_A_TRACE = {
    "value": (
        "load_model",
        """

def picture(trace):
    return trace[{key!r}]
""",
    ),
    "similar": (
        "load_model",
        """

def picture(trace):
    rows = trace[{key!r}].astype(float)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    directions = rows / np.where(lengths > 0, lengths, 1)
    return directions @ directions.T
""",
    ),
    "sizes": (
        "all_sites, load_model",
        """\
sums = [site for site in all_sites(trace.plan) if site.block.role == "add" and site.block.stack == {stack!r}]
added = [site.formula.sites[1] for site in sums]


def picture(trace):
    return np.stack([np.linalg.norm(trace[key].astype(float), axis=1) for key in added])
""",
    ),
    "layers": (
        "lens_keys, load_model, read_early",
        """

def shares(trace):
    return np.stack([read_early(trace, key) for key in lens_keys(trace.plan)], axis=1)


best = shares(trace).argmax(axis=2, keepdims=True)  # of each position and layer the most probable word


def picture(trace):
    return np.take_along_axis(shares(trace), best, axis=2)[:, :, 0]
""",
    ),
    "words": ("load_model", _WORDS),
}
# Of others the names that they import, and how their `values` follow.
_OF_MORE = {
    "order": (
        "compare_orders, load_model",
        """\
n = len(glass.read_ids({source!r}))
order = [*range(n - 2, -1, -1), n - 1]  # </s> stays at the end
{runs}""",
    ),
    "decoding": (
        "{rule_name}, load_model",
        """\
record = glass.decode({source!r}, {rule}, prefix={prefix}{limit}{more})
trace = glass.trace_record(record{more})
"""
        + _WORDS
        + _VALUES,
    ),
    "beam": (
        "Beam, load_model",
        """\
tree = glass.decode({source!r}, {rule}{limit}{more}).tree
values = np.array([[found.total, found.score] for found in tree.finished])
""",
    ),
}
_ORDER = """\
outputs = compare_orders(glass, {source!r}, order{more}).{outputs}
values = {values}
"""
_ORDER_DIFFERENCE = """

def picture(edits):
    outputs = compare_orders(glass, {source!r}, order, edits=edits).{outputs}
    return {values}


values = picture(edits).astype(float) - picture(())  # edited - original
"""


def picture_snippet(
    picture: str, model: str, source: str, target: str, edits: str = "", difference: bool = False, **facts: object
) -> str:
    """Return Python that works out the `values` of a picture anew.

    Args:
        picture: "value" (its key), "similar" (key of the rows), "order" (outputs: "with_positions" or
            "without_positions", values: of them), "sizes" (stack), "layers", "words" (probs: key of the
            probabilities), "decoding" (rule, prefix, probs, max_length), "beam" (rule, max_length).
        model: the name of a bundled model.
        source: the sentence.
        target: what the decoder is made to write; "" for the model's own translation.
        edits: the text of the edits under which it runs.
        difference: whether the values are those of the edited run minus those of the original; no decoding, and no
            beam, can say that.
        facts: what the picture needs besides.
    """
    more = ", edits=edits" if edits else ""
    # Texts and names go through repr: whatever was typed stays a string.
    texts = repr(source) + (f", target={target!r}" if target else "")
    most = facts.get("max_length")
    known = {"limit": "" if most is None else f", max_length={most}"} | {
        "rule_name": type(facts.get("rule")).__name__,
        "more": more,
        "source": source,
        **facts,
    }
    if picture in _OF_A_TRACE:
        names, code = _OF_A_TRACE[picture]
        ended = _DIFFERENCE.format(texts=texts) if difference else _VALUES
        body = _TRACE.format(texts=texts + more) + code.format(**known) + ended
    else:
        names, code = _OF_MORE[picture]
        runs = (_ORDER_DIFFERENCE if difference else _ORDER).format(**known) if picture == "order" else ""
        body = code.format(runs=runs, **known)
    names = names.format(**known) + (", parse_edits" if edits else "")
    return _START.format(names=names, model=model) + (_EDITS.format(edits=edits) if edits else "") + body + _END
