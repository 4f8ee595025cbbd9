"""A few lines of Python that reproduce the numbers of a picture that follows from a trace, to be run in a notebook."""

from __future__ import annotations

_START = """\
import numpy as np

from transformer_core import {names}

glass = load_model({model!r})
"""
_EDITS = """\
edits = parse_edits({edits!r}, glass.config)
"""
_TRACE = """\
trace = glass.trace({texts})
"""
_END = """
print(f"{values.shape = }")
print(values)
"""
_WORDS = """\
values = -np.sort(-trace["head.probs"], axis=1)[:, :5]  # of each position the five most probable words
"""
# For each picture the names that it imports, and how its `values` follow.
_PICTURES = {
    "similar": (
        "load_model",
        """\
rows = trace[{key!r}].astype(float)
lengths = np.linalg.norm(rows, axis=1)
values = rows @ rows.T / np.outer(lengths, lengths)
""",
    ),
    "order": (
        "compare_orders, load_model",
        """\
n = len(trace.source_tokens)
orders = compare_orders(glass, {source!r}, [*range(n - 2, -1, -1), n - 1])  # </s> stays at the end
outputs = orders.{outputs}
values = {values}
""",
    ),
    "sizes": (
        "find_formula, load_model",
        """\
sums = [key for key in trace if key.startswith({stack!r}) and ".add" in key]
added = [find_formula(trace.config, key).sites[1] for key in sums]
values = np.stack([np.linalg.norm(trace[key].astype(float), axis=1) for key in added])
""",
    ),
    "layers": (
        "lens_keys, load_model, read_early",
        """\
values = np.stack([read_early(trace, key).max(axis=1) for key in lens_keys(trace.config)], axis=1)
""",
    ),
    "words": ("load_model", _WORDS),
    "decoding": (
        "{rule_name}, load_model",
        """\
record = glass.decode({source!r}, {rule}, prefix={prefix}{more})
trace = glass.trace_record(record{more})
"""
        + _WORDS,
    ),
    "beam": (
        "Beam, load_model",
        """\
tree = glass.decode({source!r}, {rule}{more}).tree
values = np.array([[found.total, found.score] for found in tree.finished])
""",
    ),
}


def picture_snippet(picture: str, model: str, source: str, target: str, edits: str = "", **facts: object) -> str:
    """Return Python that works out the `values` of a picture anew.

    Args:
        picture: "similar" (key of the rows), "order" (outputs: "with_positions" or "without_positions", values: of
            them), "sizes" (stack), "layers", "words", "decoding" (rule, prefix), "beam" (rule).
        model: the name of a bundled model.
        source: the sentence.
        target: what the decoder is made to write; "" for the model's own translation.
        edits: the text of the edits under which it runs.
        facts: what the picture needs besides.
    """
    names, code = _PICTURES[picture]
    more = ", edits=edits" if edits else ""
    # Texts and names go through repr: whatever was typed stays a string.
    texts = repr(source) + (f", target={target!r}" if target else "") + more
    known = {"rule_name": type(facts.get("rule")).__name__, "more": more, "source": source, **facts}
    names = names.format(**known) + (", parse_edits" if edits else "")
    start = _START.format(names=names, model=model) + (_EDITS.format(edits=edits) if edits else "")
    traced = "" if picture in ("decoding", "beam") else _TRACE.format(texts=texts)
    return start + traced + code.format(**known) + _END
