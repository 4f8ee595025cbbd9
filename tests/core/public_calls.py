"""Every public callable with arguments that work: what the tests of arguments feed other kinds of values to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

import transformer_core as core
from tests.core.tiny import make_config, make_model
from transformer_core.glass.hooks import listening
from transformer_core.models.glass import Glass
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.transformer.config import TransformerConfig

SOURCE, TARGET = [5, 260, 9, 2], [7, 350, 2]
EDITS = "off:decoder.0.cross_attn:1"


@dataclass
class Call:
    """One public callable, and arguments that it takes."""

    call: Callable[..., Any]
    arguments: dict[str, Any]

    def __call__(self, **changed: Any) -> Any:
        """Return what it gives, with some of the arguments changed."""
        return self.call(**(self.arguments | changed))


def small_glass(chinese: Tokenizer, english: Tokenizer) -> Glass:
    """A random model with real tokenizers."""
    config = make_config(source_vocab_size=chinese.vocab_size, target_vocab_size=english.vocab_size, output_bias=True)
    model = make_model(config, dtype=torch.float32)
    with torch.no_grad():
        model.head.b[0] = -30.0  # as a trained model, it writes no padding
    return Glass("small", model, chinese, english)


def filling_glass(lines: list[str]) -> Glass:
    """A random model that fills in words, with a tokenizer that has a sign for those that are hidden."""
    tokenizer = Tokenizer.train_bpe(lines, 400, language="en", mask=True)
    config = make_config("encoder-only", source_vocab_size=tokenizer.vocab_size)
    return Glass("filling", make_model(config, dtype=torch.float32), tokenizer, None)


def calls(glass: Glass, lines: list[str], folder: Path) -> dict[str, Call]:
    """Return every public callable by its name; a method by that of its class and its own."""
    config, model, filling = glass.config, glass.model, filling_glass(lines)
    trace, edits = glass.trace("我有一只猫", "I have a cat."), core.parse_edits(EDITS, glass.plan)
    record, beam = glass.decode("我有", max_length=4), glass.decode("我有", core.Beam(width=2), max_length=4)
    step, table, formula = record.steps[0], core.measures_of(trace), core.find_formula(glass.plan, "encoder.0.ffn.pre")
    tree, alignments = beam.tree, folder / "pairs.txt"
    alignments.write_text("a\tb\t0-0\n", encoding="utf-8")
    (folder / "trace.npz").touch()
    trace.save(folder / "trace.npz")
    english, cell = glass.target_tokenizer, formula.terms(trace, (0, 1))
    assert english is not None
    masking = filling.source_tokenizer
    assert masking is not None
    assert tree is not None
    english.save(folder / "english.json")
    ids: dict[str, Any] = {"model": model, "source": [SOURCE]}
    key = {"plan": glass.plan, "key": "encoder.0.ffn.pre"}
    text = {"text": "我有一只猫"}
    return {
        "Beam": Call(core.Beam, {"width": 3, "length_penalty": 0.5, "early_stop": "full"}),
        "BeamTree.path": Call(tree.path, {"number": 1}),
        "BeamTree.ids": Call(tree.ids, {"number": 1}),
        "BeamStep.probs_behind": Call(tree.steps[1].probs_behind, {"branch": tree.steps[1].live[0]}),
        "Filtered.interval": Call(step.filtered.interval, {"word": 7}),
        "Formula.recompute": Call(formula.recompute, {"trace": trace}),
        "Formula.row": Call(formula.row, {"trace": trace, "index": [0, 1]}),
        "Formula.scale": Call(formula.scale, {"trace": trace}),
        "Formula.terms": Call(formula.terms, {"trace": trace, "index": [0, 1]}),
        "Glass": Call(
            Glass,
            {
                "name": "small",
                "model": model,
                "source_tokenizer": glass.source_tokenizer,
                "target_tokenizer": glass.target_tokenizer,
                "trace_bytes": 2**30,
            },
        ),
        "Glass.translate": Call(glass.translate, text),
        "Glass.trace": Call(glass.trace, text | {"target": "I have a cat.", "more": 0, "edits": edits}),
        "Glass.decode": Call(
            glass.decode, text | {"rule": core.Greedy(), "prefix": [7, 300], "max_length": 4, "edits": edits}
        ),
        "Glass.decode_each": Call(
            glass.decode_each, text | {"rules": [core.Greedy()], "max_length": 4, "edits": edits}
        ),
        "Glass.listener": Call(glass.listener, {"edits": edits}),
        "Glass.trace_record": Call(glass.trace_record, {"record": record, "edits": edits}),
        "Glass.doubted": Call(glass.doubted, {"trace": trace}),
        "Glass.score": Call(glass.score, text | {"target": "I have a cat."}),
        "Glass.fill": Call(filling.fill, {"text": "I have a [MASK].", "n": 3}),
        "Glass.read_ids": Call(glass.read_ids, text),
        "Glass.source_ids": Call(glass.source_ids, text),
        "Glass.target_ids": Call(glass.target_ids, {"text": "I have a cat."}),
        "Glass.unseen": Call(glass.unseen, text),
        "Glass.unseen_flags": Call(glass.unseen_flags, text),
        "Greedy": Call(core.Greedy, {}),
        "HeadQuery": Call(core.HeadQuery, {"measure": "entropy", "at_least": 0.5, "at_most": 1}),
        "HeadQuery.holds": Call(core.HeadQuery("entropy", at_least=0.5).holds, {"value": 0.75}),
        "HeadTable.value": Call(table.value, {"head": table.heads[1], "name": "entropy"}),
        "Input.cell": Call(cell.factors[0].cell, {"term": 1}),
        "Record.losses_of": Call(record.losses_of, {"words": [7, 300]}),
        "Sampling": Call(core.Sampling, {"temperature": 0.5, "top_k": 3, "top_p": 0.5, "seed": 4}),
        "Step.candidates": Call(step.candidates, {"n": 3}),
        "Tokenizer.train_characters": Call(Tokenizer.train_characters, {"lines": lines}),
        "Tokenizer.train_bpe": Call(
            Tokenizer.train_bpe,
            {"lines": lines, "vocab_size": 400, "language": "en"} | {"mask": True, "also_seen": ["I have a dog."]},
        ),
        "Tokenizer.load": Call(Tokenizer.load, {"path": folder / "english.json"}),
        "Tokenizer.save": Call(english.save, {"path": folder / "saved.json"}),
        "Tokenizer.normalise": Call(english.normalise, {"text": "I have a cat."}),
        "Tokenizer.encode": Call(masking.encode, {"text": "I have a [MASK].", "masks": True}),
        "Tokenizer.decode": Call(english.decode, {"ids": [300, 301, 7]}),
        "Tokenizer.pieces": Call(english.pieces, {"ids": [300, 301, 7]}),
        "Tokenizer.spans": Call(english.spans, {"text": "I have a cat."}),
        "Tokenizer.unseen": Call(masking.unseen, {"text": "I have a [MASK].", "masks": True}),
        "Tokenizer.unseen_flags": Call(masking.unseen_flags, {"text": "I have a [MASK].", "masks": True}),
        "Trace.save": Call(trace.save, {"path": folder / "again.npz"}),
        "Trace.load": Call(core.Trace.load, {"path": folder / "trace.npz", "folder": folder}),
        "Trace.site": Call(trace.site, {"key": "encoder.0.ffn.pre"}),
        "Trace.array": Call(trace.array, {"name": "encoder.0.ffn.W_1"}),
        "Trace.shape": Call(trace.shape, {"name": "encoder.0.ffn.W_1"}),
        "Trace.derives": Call(trace.derives, {"key": "encoder.0.ffn.pre"}),
        "Trace.numbers": Call(trace.numbers, {"name": "encoder.0.ffn.pre"}),
        "Trace.words_of": Call(trace.words_of, {"name": "target"}),
        "Trace.under": Call(trace.under, {"edits": [EDITS], "changed": [True], "breaks_causality": False}),
        "Trace.labelled": Call(trace.labelled, {"words": dict(trace.words)}),
        "Trace.tokens_of": Call(trace.tokens_of, {"key": "encoder.0.ffn.pre"}),
        "Trace.get": Call(lambda key: trace[key], {"key": "encoder.0.ffn.pre"}),
        "Transformer": Call(core.Transformer, {"config": config}),
        "Transformer.forward": Call(model.forward, {"source": [SOURCE], "target": [[1, *TARGET]], "padded": True}),
        "Transformer.features": Call(model.features, {"source": [SOURCE], "target": [[1, *TARGET]], "padded": True}),
        "Transformer.encode": Call(model.encode, {"source": [SOURCE]}),
        "Transformer.checked_ids": Call(model.checked_ids, {"side": "source", "ids": [SOURCE], "padded": True}),
        "AttentionConfig": Call(
            core.AttentionConfig,
            {"n_heads": 4, "n_kv_heads": 2, "d_head": 3, "scale": True, "bias": True, "out_bias": True, "dropout": 0.5},
        ),
        "EmbeddingConfig": Call(core.EmbeddingConfig, {"scale": True, "tied": False, "segments": 2, "norm": True}),
        "FeedForwardConfig": Call(
            core.FeedForwardConfig, {"d_ff": 8, "activation": "gelu", "bias": False, "gated": True}
        ),
        "HeadConfig": Call(core.HeadConfig, {"tied": True, "bias": True, "transform": False, "scale": True}),
        "NormConfig": Call(core.NormConfig, {"kind": "rms_norm", "eps": 0.25}),
        "Sinusoidal": Call(core.Sinusoidal, {"layout": "halves"}),
        "Learned": Call(core.Learned, {"offset": 2}),
        "Rotary": Call(core.Rotary, {"theta": 500.0, "factor": 2.0}),
        "RelativeBias": Call(core.RelativeBias, {"buckets": 8, "max_distance": 20}),
        "TransformerConfig": Call(
            TransformerConfig, {one.name: getattr(config, one.name) for one in fields(config)} | {"dropout": 0.5}
        ),
        "TransformerConfig.from_dict": Call(TransformerConfig.from_dict, {"values": config.to_dict()}),
        "all_formulas": Call(core.all_formulas, {"plan": glass.plan}),
        "all_parameters": Call(core.all_parameters, {"plan": glass.plan}),
        "all_sites": Call(core.all_sites, {"plan": glass.plan}),
        "attention_blocks": Call(core.attention_blocks, {"plan": glass.plan}),
        "cache_difference": Call(core.cache_difference, {"model": model, "record": record}),
        "compare": Call(
            core.compare,
            {"model": glass, "source": SOURCE, "target": TARGET, "n_given": 1, "max_length": 4, "edits": edits},
        ),
        "compare_orders": Call(
            core.compare_orders, {"glass": glass, "text": "我有", "permutation": [1, 0, 2], "edits": edits}
        ),
        "decode": Call(
            core.decode,
            ids
            | {"rule": core.Greedy(), "prefixes": [[7, 300]], "max_length": 4, "cached": True, "start": [1]}
            | {"edit": glass.listener(edits)},
        ),
        "difference": Call(core.difference, {"trace": trace, "key": "encoder.0.ffn.pre"}),
        "filter_logits": Call(
            core.filter_logits, {"logits": [0.5, 2.0, 1.0], "rule": core.Sampling(top_k=2), "never": [1]}
        ),
        "find_alignment": Call(
            core.find_alignment,
            {"sentences": core.read_alignments(alignments), "source": "a", "target": "b"},
        ),
        "find_formula": Call(core.find_formula, key),
        "find_heads": Call(core.find_heads, {"table": table, "query": core.HeadQuery("entropy", at_least=0.1)}),
        "find_parameter": Call(core.find_parameter, {"plan": glass.plan, "name": "encoder.0.ffn.W_1"}),
        "greedy": Call(core.greedy, ids | {"begin": [[1, 7]], "max_length": 4}),
        "head_labels": Call(core.head_labels, {"table": table}),
        "lens_keys": Call(core.lens_keys, {"plan": glass.plan}),
        "listening": Call(_listened, {"listener": lambda key, x: x}),
        "load_model": Call(
            core.load_model,
            {"name": str(folder / "model"), "revision": None, "progress": None}
            | {"trace_bytes": 2**30, "weight_bytes": 2**30},
        ),
        "measure": Call(core.measure, {"trace": trace, "block": "decoder.0.cross_attn", "alignment": [[0, 1], [2, 3]]}),
        "measures_of": Call(core.measures_of, {"trace": trace, "alignment": [[0, 1], [2, 3]]}),
        "over": Call(core.over, {"traces": [trace], "alignments": [[[0, 1], [2, 3]]]}),
        "parse_edits": Call(core.parse_edits, {"text": EDITS, "plan": glass.plan}),
        "prove_steps": Call(core.prove_steps, {"model": model, "record": record, "edit": glass.listener(edits)}),
        "provenance": Call(core.provenance, key),
        "read_alignments": Call(core.read_alignments, {"path": str(alignments)}),
        "read_early": Call(core.read_early, {"trace": trace, "key": "decoder.0.out"}),
        "run_difference": Call(core.run_difference, {"edited": trace, "original": trace, "key": "encoder.0.ffn.pre"}),
        "run_with_trace": Call(
            core.run_with_trace,
            {"model": model, "source": SOURCE, "target": [1, *TARGET[:-1]], "written_ids": TARGET}
            | {"source_tokens": list("abcd"), "target_tokens": list("abc"), "written_tokens": list("abc")}
            | {"words": None, "edit": lambda key, x: x},
        ),
        "teacher_forcing": Call(
            core.teacher_forcing, ids | {"targets": [TARGET], "start": [1], "edit": glass.listener(edits)}
        ),
        "transfer": Call(core.transfer, {"trace": trace, "block": "decoder.0.cross_attn", "head": 1}),
    }


def same(one: Any, other: Any) -> bool:
    """Whether two results are the same, arrays and traces by their numbers."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, core.Trace):
        return all(same(one[key], other[key]) for key in one)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        names = one.__dataclass_fields__
        return type(one) is type(other) and all(same(getattr(one, n), getattr(other, n)) for n in names)
    if isinstance(one, int | float | str | None):
        return type(one) is type(other) and (one == other or one != one)
    return type(one) is type(other)


def _listened(listener: Any) -> bool:
    with listening(listener):
        return True
