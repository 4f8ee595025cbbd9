"""A few lines of Python that reproduce the numbers of pictures over several runs, to be run in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

How = Literal["one", "difference", "beside"]

_RUNS = """\
import numpy as np

from transformer_core import {names}


def numbers({given}model, source, target=None, edits=""):
    glass = load_model(model)
    trace = glass.trace(source, target=target, edits=parse_edits(edits, glass.plan))
    return {value}


values = {values}
"""
_HEADS = "path, head, "
# For each value what it is asked for, and how it is read from a trace.
_VALUES = {
    "scores": (_HEADS, 'trace[f"{path}.scores"][head]'),
    "open scores": (_HEADS, 'np.where(trace[f"{path}.mask"], trace[f"{path}.scores"][head], np.nan)'),
    "weights": (_HEADS, 'trace[f"{path}.weights"][head]'),
    "z": (_HEADS, 'trace[f"{path}.z"][head]'),
    "carried": (_HEADS, "transfer(trace, path)[head]"),
    "mask": ("path, ", 'trace[f"{path}.mask"].astype(float)'),
    "right": ("key, ", "trace[key][range(len(trace.written_ids)), trace.written_ids]"),
}
_START = """\
import numpy as np

from transformer_core import {names}

glass = load_model({model!r})
"""
_MEASURES = """\
trace = glass.trace({source!r}{target}{edits})
table = measures_of(trace, {aligned!r})
"""
_MEASURES_SET = """\
sentences = {sentences!r}
aligned = {aligned!r}
traces = [glass.trace(sentence) for sentence in sentences]
table = over(traces, [aligned.get(sentence) for sentence in sentences])
"""
_COLUMNS = """\
kind = [head.block in {blocks!r} for head in table.heads]
values = np.stack([table.values[name][kind] for name in {columns!r}], axis=1)
"""
_IMPORTANCE = """\
from transformer_core import load_model
from transformer_core.studies.importance import head_importance, spread

glass = load_model({model!r})
found = []
for source, target in {sentences!r}:
    trace = glass.trace(source, target=target)
    texts = [trace[words.tokens].tolist() for words in trace.plan.word_lists]
    source = texts[0] if len(texts) > 1 else None
    found.append(head_importance(glass.model, source, trace.written_ids, start=texts[-1][:1]))
values = spread(found).{what}.reshape(-1, glass.plan.size("H"))
"""
_PATCHING = """\
import numpy as np

from transformer_core import load_model
from transformer_core.studies.patching import contrast, patch_map

glass = load_model({model!r})
pair = contrast(glass.model, glass.read_ids({first!r}), glass.read_ids({second!r}), {quantity!r})
shares = patch_map(glass.model, pair)
values = np.stack([shares[key] for key in {keys!r}])
"""
_SPREAD = """\
import numpy as np

from transformer_core import load_model, parse_edits

glass = load_model({model!r})
original = glass.trace({source!r}, target={target!r})
edited = glass.trace({source!r}, target={target!r}, edits=parse_edits({edits!r}, glass.plan))
rows = []
for key in {keys!r}:
    size = np.linalg.norm(original[key].astype(float), axis=-1)
    apart = np.linalg.norm(edited[key].astype(float) - original[key], axis=-1)
    rows.append(np.divide(apart, size, where=size > 0, out=(apart > 0).astype(float)))
values = np.stack(rows)
"""
_END = """
print(f"{values.shape = }")
print(values)
"""


@dataclass(frozen=True, kw_only=True)
class RunOf:
    """A run, and a head in it.

    Attributes:
        model: the name of a bundled model.
        source, target: the sentence, and what the decoder is made to write; "" for the model's own translation.
        edits: the text of the edits under which it runs.
        path, head: of the block, and the number of the head in it; unused where a value has none.
        key: of the probabilities; unused but for "right".
    """

    model: str
    source: str
    target: str = ""
    edits: str = ""
    path: str = ""
    head: int = 0
    key: str = ""

    def call(self, given: str) -> str:
        """Return the call that reads its numbers."""
        known = {"path": self.path, "head": self.head, "key": self.key}
        parts = [repr(known[name]) for name in given.replace(",", " ").split()]
        more = [f"{name}={text!r}" for name, text in (("target", self.target), ("edits", self.edits)) if text]
        return f"numbers({', '.join([*parts, repr(self.model), repr(self.source), *more])})"


def runs_snippet(value: str, runs: Sequence[RunOf], how: How = "one") -> str:
    """Return Python that reads a value of one or two runs anew.

    Args:
        value: "scores", "weights", "z" or "carried" of a head, "mask" of a block, "right", of the right words.
        runs: one, or two.
        how: "one"; "difference", the second less the first; "beside", a column each.
    """
    if (value, how) == ("scores", "difference"):
        value = "open scores"  # a blocked score is no number, and has no difference
    given, read = _VALUES[value]
    calls = [run.call(given) for run in runs]
    together = {
        "one": calls[0],
        "difference": f"(\n    {calls[-1]}\n    - {calls[0]}\n)",
        "beside": f"np.stack(\n    [\n        {calls[0]},\n        {calls[-1]},\n    ],\n    axis=1,\n)",
    }
    names = ", ".join(["load_model", "parse_edits", *(["transfer"] if value == "carried" else [])])
    # Texts and names go through repr: whatever was typed stays a string.
    return _RUNS.format(names=names, given=given, value=read, values=together[how]) + _END


def measures_snippet(
    model: str, blocks: Sequence[str], columns: Sequence[str], source: str, target: str, edits: str, aligned: object
) -> str:
    """Return Python that measures all heads of some attention blocks on one sentence anew.

    Args:
        model, source, target, edits: the run.
        blocks: the paths of the attention blocks.
        columns: names of the measures.
        aligned: which words belong together, if that is known.
    """
    texts = {"target": f", target={target!r}" if target else "", "edits": ", edits=edits" if edits else ""}
    names = "load_model, measures_of" + (", parse_edits" if edits else "")
    parsed = f"edits = parse_edits({edits!r}, glass.plan)\n" if edits else ""
    measured = _MEASURES.format(source=source, aligned=aligned, **texts)
    return _START.format(names=names, model=model) + parsed + measured + _chosen(blocks, columns)


def measures_set_snippet(
    model: str, blocks: Sequence[str], columns: Sequence[str], sentences: Sequence[str], aligned: Mapping[str, object]
) -> str:
    """Return the same over a set of sentences; `aligned` has the words that belong together, by the sentence."""
    start = _START.format(names="load_model, over", model=model)
    return start + _MEASURES_SET.format(sentences=list(sentences), aligned=dict(aligned)) + _chosen(blocks, columns)


def importance_snippet(model: str, sentences: Sequence[tuple[str, str]], what: Literal["mean", "std"] = "mean") -> str:
    """Return Python that switches every head off alone anew, on sentences with their targets ("" for the model's own).

    The numbers are the mean of the change over the sentences, or their standard deviation.
    """
    texts = [(source, target or None) for source, target in sentences]
    return _IMPORTANCE.format(model=model, sentences=texts, what=what) + _END


def patching_snippet(model: str, first: str, second: str, quantity: str, keys: Sequence[str]) -> str:
    """Return Python that copies every vector from the first run into the second, and keeps those of these sites."""
    facts = {"model": model, "first": first, "second": second, "quantity": quantity}
    return _PATCHING.format(**facts, keys=list(keys)) + _END


def spread_snippet(run: RunOf, keys: Sequence[str]) -> str:
    """Return Python that tells anew how far the edits of a run move these values, beside their own lengths."""
    facts = {"model": run.model, "source": run.source, "target": run.target or None, "edits": run.edits}
    return _SPREAD.format(**facts, keys=list(keys)) + _END


def _chosen(blocks: Sequence[str], columns: Sequence[str]) -> str:
    return _COLUMNS.format(blocks=list(blocks), columns=list(columns)) + _END
