"""A Transformer made of glass: every intermediate value of a real, trained model can be seen by its name.

    from transformer_core import load_model
    glass = load_model("zh-en")
    trace = glass.trace("我有一只猫")
    trace["decoder.2.cross_attn.weights"]

Importing this package loads neither torch nor a model; the names below do, when they are first used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformer_core.alignments import AlignedSentence, find_alignment, read_alignments
    from transformer_core.analysis import MEASURES, Measure, attention_blocks, measure, transfer
    from transformer_core.beam_tree import BeamTree, Branch, Hypothesis
    from transformer_core.capture import run_with_trace
    from transformer_core.cells import Cell, Input
    from transformer_core.checkpoints import load_model
    from transformer_core.config import TransformerConfig
    from transformer_core.decoding import cache_difference, decode, greedy
    from transformer_core.edits import parse_edits
    from transformer_core.errors import GlassformerError
    from transformer_core.forcing import Comparison, compare, teacher_forcing
    from transformer_core.formulas import Formula, all_formulas, difference, find_formula, provenance
    from transformer_core.glass import Glass
    from transformer_core.head_table import (
        HEAD_LABELS,
        Head,
        HeadLabel,
        HeadQuery,
        HeadTable,
        find_heads,
        head_labels,
        measures_of,
        over,
    )
    from transformer_core.hooks import listening
    from transformer_core.logit_lens import lens_keys, read_early
    from transformer_core.model import Transformer
    from transformer_core.order import OrderComparison, compare_orders
    from transformer_core.parameters import Parameter, all_parameters, find_parameter
    from transformer_core.records import Decoding, Forcing, Record, Step
    from transformer_core.rules import Beam, Greedy, Sampling
    from transformer_core.run_differences import run_difference
    from transformer_core.sampling import Filtered, filter_logits
    from transformer_core.sites import all_sites
    from transformer_core.step_proof import StepProof, prove_steps
    from transformer_core.tokenizer import Tokenizer
    from transformer_core.trace import Trace

# A trace keeps what it computes, so its memory is always new. On Linux that comes in pages of 4 KiB, one fault each, or
# of 2 MiB if PyTorch asks for them, which it decides at its first large tensor. What the user has decided stays.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

_HOMES = {
    "AlignedSentence": "alignments",
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
    "Head": "head_table",
    "HeadLabel": "head_table",
    "HeadQuery": "head_table",
    "HeadTable": "head_table",
    "Hypothesis": "beam_tree",
    "Input": "cells",
    "HEAD_LABELS": "head_table",
    "MEASURES": "analysis",
    "Measure": "analysis",
    "OrderComparison": "order",
    "Parameter": "parameters",
    "Record": "records",
    "Sampling": "rules",
    "Step": "records",
    "StepProof": "step_proof",
    "Tokenizer": "tokenizer",
    "Trace": "trace",
    "Transformer": "model",
    "TransformerConfig": "config",
    "all_formulas": "formulas",
    "all_parameters": "parameters",
    "all_sites": "sites",
    "attention_blocks": "analysis",
    "cache_difference": "decoding",
    "compare": "forcing",
    "compare_orders": "order",
    "decode": "decoding",
    "difference": "formulas",
    "filter_logits": "sampling",
    "find_alignment": "alignments",
    "find_formula": "formulas",
    "find_heads": "head_table",
    "find_parameter": "parameters",
    "greedy": "decoding",
    "head_labels": "head_table",
    "lens_keys": "logit_lens",
    "listening": "hooks",
    "load_model": "checkpoints",
    "measure": "analysis",
    "measures_of": "head_table",
    "over": "head_table",
    "prove_steps": "step_proof",
    "parse_edits": "edits",
    "provenance": "formulas",
    "read_alignments": "alignments",
    "read_early": "logit_lens",
    "run_difference": "run_differences",
    "run_with_trace": "capture",
    "teacher_forcing": "forcing",
    "transfer": "analysis",
}

__all__ = [
    "HEAD_LABELS",
    "MEASURES",
    "AlignedSentence",
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
    "Head",
    "HeadLabel",
    "HeadQuery",
    "HeadTable",
    "Hypothesis",
    "Input",
    "Measure",
    "OrderComparison",
    "Parameter",
    "Record",
    "Sampling",
    "Step",
    "StepProof",
    "Tokenizer",
    "Trace",
    "Transformer",
    "TransformerConfig",
    "all_formulas",
    "all_parameters",
    "all_sites",
    "attention_blocks",
    "cache_difference",
    "compare",
    "compare_orders",
    "decode",
    "difference",
    "filter_logits",
    "find_alignment",
    "find_formula",
    "find_heads",
    "find_parameter",
    "greedy",
    "head_labels",
    "lens_keys",
    "listening",
    "load_model",
    "measure",
    "measures_of",
    "over",
    "parse_edits",
    "prove_steps",
    "provenance",
    "read_alignments",
    "read_early",
    "run_difference",
    "run_with_trace",
    "teacher_forcing",
    "transfer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
