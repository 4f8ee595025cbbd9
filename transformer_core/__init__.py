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
    from transformer_core.decoding.beam_tree import BeamTree, Branch, Hypothesis
    from transformer_core.decoding.decode import cache_difference, decode, greedy
    from transformer_core.decoding.forcing import Comparison, compare, teacher_forcing
    from transformer_core.decoding.records import Decoding, Forcing, Record, Step
    from transformer_core.decoding.rules import Beam, Greedy, Sampling
    from transformer_core.decoding.sampling import Filtered, filter_logits
    from transformer_core.decoding.step_proof import StepProof, prove_steps
    from transformer_core.edits.parse import parse_edits
    from transformer_core.glass.capture import run_with_trace
    from transformer_core.glass.cells import Cell, Input
    from transformer_core.glass.compare import run_difference
    from transformer_core.glass.errors import GlassformerError
    from transformer_core.glass.formulas import Formula, all_formulas, difference, find_formula, provenance
    from transformer_core.glass.hooks import listening
    from transformer_core.glass.sites import Parameter, all_parameters, all_sites, find_parameter
    from transformer_core.glass.trace import Trace
    from transformer_core.models.answers import Guess, Score
    from transformer_core.models.files import load_model
    from transformer_core.models.glass import Glass
    from transformer_core.studies.alignments import AlignedSentence, find_alignment, read_alignments
    from transformer_core.studies.head_measures import MEASURES, Measure, attention_blocks, measure, transfer
    from transformer_core.studies.head_table import (
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
    from transformer_core.studies.logit_lens import lens_keys, read_early
    from transformer_core.studies.order import OrderComparison, compare_orders
    from transformer_core.text.tokenizer import Tokenizer
    from transformer_core.transformer.blocks import (
        AttentionConfig,
        EmbeddingConfig,
        FeedForwardConfig,
        HeadConfig,
        Learned,
        NormConfig,
        RelativeBias,
        Rotary,
        Sinusoidal,
    )
    from transformer_core.transformer.config import TransformerConfig
    from transformer_core.transformer.model import Transformer

# A trace keeps what it computes, so its memory is always new. On Linux that comes in pages of 4 KiB, one fault each, or
# of 2 MiB if PyTorch asks for them, which it decides at its first large tensor. What the user has decided stays.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

_HOMES = {
    "AlignedSentence": "studies.alignments",
    "AttentionConfig": "transformer.blocks",
    "Beam": "decoding.rules",
    "BeamTree": "decoding.beam_tree",
    "Branch": "decoding.beam_tree",
    "Cell": "glass.cells",
    "Comparison": "decoding.forcing",
    "Decoding": "decoding.records",
    "EmbeddingConfig": "transformer.blocks",
    "FeedForwardConfig": "transformer.blocks",
    "Filtered": "decoding.sampling",
    "Forcing": "decoding.records",
    "Formula": "glass.formulas",
    "Glass": "models.glass",
    "GlassformerError": "glass.errors",
    "Greedy": "decoding.rules",
    "Guess": "models.answers",
    "Head": "studies.head_table",
    "HeadConfig": "transformer.blocks",
    "HeadLabel": "studies.head_table",
    "HeadQuery": "studies.head_table",
    "HeadTable": "studies.head_table",
    "Hypothesis": "decoding.beam_tree",
    "Input": "glass.cells",
    "HEAD_LABELS": "studies.head_table",
    "Learned": "transformer.blocks",
    "MEASURES": "studies.head_measures",
    "Measure": "studies.head_measures",
    "NormConfig": "transformer.blocks",
    "OrderComparison": "studies.order",
    "Parameter": "glass.sites",
    "Record": "decoding.records",
    "RelativeBias": "transformer.blocks",
    "Rotary": "transformer.blocks",
    "Sampling": "decoding.rules",
    "Score": "models.answers",
    "Sinusoidal": "transformer.blocks",
    "Step": "decoding.records",
    "StepProof": "decoding.step_proof",
    "Tokenizer": "text.tokenizer",
    "Trace": "glass.trace",
    "Transformer": "transformer.model",
    "TransformerConfig": "transformer.config",
    "all_formulas": "glass.formulas",
    "all_parameters": "glass.sites",
    "all_sites": "glass.sites",
    "attention_blocks": "studies.head_measures",
    "cache_difference": "decoding.decode",
    "compare": "decoding.forcing",
    "compare_orders": "studies.order",
    "decode": "decoding.decode",
    "difference": "glass.formulas",
    "filter_logits": "decoding.sampling",
    "find_alignment": "studies.alignments",
    "find_formula": "glass.formulas",
    "find_heads": "studies.head_table",
    "find_parameter": "glass.sites",
    "greedy": "decoding.decode",
    "head_labels": "studies.head_table",
    "lens_keys": "studies.logit_lens",
    "listening": "glass.hooks",
    "load_model": "models.files",
    "measure": "studies.head_measures",
    "measures_of": "studies.head_table",
    "over": "studies.head_table",
    "prove_steps": "decoding.step_proof",
    "parse_edits": "edits.parse",
    "provenance": "glass.formulas",
    "read_alignments": "studies.alignments",
    "read_early": "studies.logit_lens",
    "run_difference": "glass.compare",
    "run_with_trace": "glass.capture",
    "teacher_forcing": "decoding.forcing",
    "transfer": "studies.head_measures",
}

__all__ = [
    "HEAD_LABELS",
    "MEASURES",
    "AlignedSentence",
    "AttentionConfig",
    "Beam",
    "BeamTree",
    "Branch",
    "Cell",
    "Comparison",
    "Decoding",
    "EmbeddingConfig",
    "FeedForwardConfig",
    "Filtered",
    "Forcing",
    "Formula",
    "Glass",
    "GlassformerError",
    "Greedy",
    "Guess",
    "Head",
    "HeadConfig",
    "HeadLabel",
    "HeadQuery",
    "HeadTable",
    "Hypothesis",
    "Input",
    "Learned",
    "Measure",
    "NormConfig",
    "OrderComparison",
    "Parameter",
    "Record",
    "RelativeBias",
    "Rotary",
    "Sampling",
    "Score",
    "Sinusoidal",
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
