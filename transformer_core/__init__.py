"""A Transformer made of glass: every intermediate value of a real, trained model can be seen by its name.

    from transformer_core import load_model
    glass = load_model("zh-en")
    trace = glass.trace("我有一只猫")
    trace["decoder.2.cross_attn.weights"]

Importing this package loads neither torch nor a model; the names below do, when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformer_core.beam_tree import BeamTree, Branch, Hypothesis
    from transformer_core.capture import run_with_trace
    from transformer_core.cells import Cell, Input
    from transformer_core.checkpoints import load_model
    from transformer_core.config import TransformerConfig
    from transformer_core.decoding import cache_difference, decode, greedy
    from transformer_core.errors import GlassformerError
    from transformer_core.forcing import Comparison, compare, teacher_forcing
    from transformer_core.formulas import Formula, all_formulas, difference, find_formula, provenance
    from transformer_core.glass import Glass
    from transformer_core.hooks import listening
    from transformer_core.model import Transformer
    from transformer_core.parameters import Parameter, all_parameters, find_parameter
    from transformer_core.records import Decoding, Forcing, Record, Step
    from transformer_core.rules import Beam, Greedy, Sampling
    from transformer_core.sampling import Filtered, filter_logits
    from transformer_core.sites import all_sites
    from transformer_core.tokenizer import Tokenizer
    from transformer_core.trace import Trace

_HOMES = {
    "Beam": "rules",
    "BeamTree": "beam_tree",
    "Branch": "beam_tree",
    "Cell": "cells",
    "Comparison": "forcing",
    "Decoding": "records",
    "Filtered": "sampling",
    "Forcing": "records",
    "Formula": "formulas",
    "Glass": "glass",
    "GlassformerError": "errors",
    "Greedy": "rules",
    "Hypothesis": "beam_tree",
    "Input": "cells",
    "Parameter": "parameters",
    "Record": "records",
    "Sampling": "rules",
    "Step": "records",
    "Tokenizer": "tokenizer",
    "Trace": "trace",
    "Transformer": "model",
    "TransformerConfig": "config",
    "all_formulas": "formulas",
    "all_parameters": "parameters",
    "all_sites": "sites",
    "cache_difference": "decoding",
    "compare": "forcing",
    "decode": "decoding",
    "difference": "formulas",
    "filter_logits": "sampling",
    "find_formula": "formulas",
    "find_parameter": "parameters",
    "greedy": "decoding",
    "listening": "hooks",
    "load_model": "checkpoints",
    "provenance": "formulas",
    "run_with_trace": "capture",
    "teacher_forcing": "forcing",
}

__all__ = [
    "Beam",
    "BeamTree",
    "Branch",
    "Cell",
    "Comparison",
    "Decoding",
    "Filtered",
    "Forcing",
    "Formula",
    "Glass",
    "GlassformerError",
    "Greedy",
    "Hypothesis",
    "Input",
    "Parameter",
    "Record",
    "Sampling",
    "Step",
    "Tokenizer",
    "Trace",
    "Transformer",
    "TransformerConfig",
    "all_formulas",
    "all_parameters",
    "all_sites",
    "cache_difference",
    "compare",
    "decode",
    "difference",
    "filter_logits",
    "find_formula",
    "find_parameter",
    "greedy",
    "listening",
    "load_model",
    "provenance",
    "run_with_trace",
    "teacher_forcing",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
