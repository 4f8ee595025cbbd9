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
    from transformer_core.capture import run_with_trace
    from transformer_core.cells import Cell, Input
    from transformer_core.checkpoints import load_model
    from transformer_core.config import TransformerConfig
    from transformer_core.errors import GlassformerError
    from transformer_core.formulas import Formula, all_formulas, difference, find_formula, provenance
    from transformer_core.glass import Glass
    from transformer_core.hooks import listening
    from transformer_core.model import Transformer
    from transformer_core.parameters import Parameter, all_parameters, find_parameter
    from transformer_core.sites import all_sites
    from transformer_core.tokenizer import Tokenizer
    from transformer_core.trace import Trace

_HOMES = {
    "Cell": "cells",
    "Formula": "formulas",
    "Glass": "glass",
    "GlassformerError": "errors",
    "Input": "cells",
    "Parameter": "parameters",
    "Tokenizer": "tokenizer",
    "Trace": "trace",
    "Transformer": "model",
    "TransformerConfig": "config",
    "all_formulas": "formulas",
    "all_parameters": "parameters",
    "all_sites": "sites",
    "difference": "formulas",
    "find_formula": "formulas",
    "find_parameter": "parameters",
    "listening": "hooks",
    "load_model": "checkpoints",
    "provenance": "formulas",
    "run_with_trace": "capture",
}

__all__ = [
    "Cell",
    "Formula",
    "Glass",
    "GlassformerError",
    "Input",
    "Parameter",
    "Tokenizer",
    "Trace",
    "Transformer",
    "TransformerConfig",
    "all_formulas",
    "all_parameters",
    "all_sites",
    "difference",
    "find_formula",
    "find_parameter",
    "listening",
    "load_model",
    "provenance",
    "run_with_trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
