"""What is public: every callable that the package offers, by its name."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import transformer_core as core
from transformer_core.decoding.beam_tree import BeamStep

# What the library makes and hands out; nobody has to make one, and its fields are as they were computed.
RESULTS = {
    *("AlignedSentence", "BeamTree", "Branch", "Cell", "Comparison", "Decoding", "Filtered", "Forcing", "Formula"),
    *(
        "GlassformerError",
        "Guess",
        "Head",
        "HeadLabel",
        "HeadTable",
        "Hypothesis",
        "Input",
        "Measure",
        "OrderComparison",
    ),
    *("Parameter", "Record", "Score", "Step", "StepProof", "Trace"),
}


CONSTANTS = {"HEAD_LABELS", "MEASURES"}


INNER = {
    # Tensors on their way through the layers: the inner half of a pass, met once per word.
    *("Transformer.decode", "Transformer.pass_over"),
    # How a plan is made and a trace works out what nobody wrote down; `recompute` is for everybody.
    *("Formula.computed", "Formula.renamed", "Formula.resolved", "Trace.array_for"),
}


def expected() -> Iterator[tuple[str, Any]]:
    """Yield the name of every public callable that takes arguments, with itself."""
    for name in core.__all__:
        thing = getattr(core, name)
        if name in CONSTANTS:
            continue
        if not inspect.isclass(thing):
            yield name, thing
            continue
        if name not in RESULTS and name != "Tokenizer":  # a tokenizer is loaded or trained
            yield name, thing
        for method, function in vars(thing).items():
            full = f"{name}.{method}"
            function = getattr(function, "__func__", function)
            if not method.startswith("_") and inspect.isfunction(function) and full not in INNER:
                if len(inspect.signature(function).parameters) > 1:
                    yield full, function
    yield "BeamStep.probs_behind", BeamStep.probs_behind
