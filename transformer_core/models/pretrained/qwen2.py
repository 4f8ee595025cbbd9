"""Qwen2 (Yang et al. 2024): a Llama with biases on its maps to q, k and v, and with byte-level BPE."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from transformer_core.models.pretrained import llama
from transformer_core.models.pretrained.reading.older_tokens import MERGES, VOCAB, qwen_byte_pairs
from transformer_core.models.pretrained.reading.tokens import one_tokenizer

FAMILY = replace(
    llama.FAMILY,
    model_types=("qwen2",),
    signs={name: "<|endoftext|>" for name in ("eos", "unk", "pad")},
    tokens=partial(one_tokenizer, older={(VOCAB, MERGES): qwen_byte_pairs}),
)
