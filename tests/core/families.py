"""Tiny random models of the five families of Hugging Face, and ours of the same shape with their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.core import peer_weights
from tests.core.hf import maker, with_random_weights
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

V, D, H, E, F, LAYERS, LENGTH = 23, 12, 3, 4, 10, 2, 29
IDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


@dataclass(frozen=True)
class Family:
    """One model of a family.

    Attributes:
        config: of ours, made by hand.
        weights: where theirs stand in ours.
    """

    config: TransformerConfig
    weights: Callable[[Any], dict[str, torch.Tensor]]


def pair(name: str, dtype: torch.dtype = torch.float64) -> tuple[Transformer, Any]:
    """Return ours and theirs with the same random weights, both in eval mode; theirs made under `doubled`."""
    family = FAMILIES[name]
    torch.manual_seed(0)
    theirs = with_random_weights(THEIRS[name]())
    ours = Transformer(family.config).to(dtype).eval().requires_grad_(False)
    peer_weights.copy_weights(ours, family.weights(theirs))
    return ours, theirs


def _one_stack(architecture: str, **more: Any) -> TransformerConfig:
    side = {"n_encoder_layers": LAYERS, "source_vocab_size": V}
    if architecture == "decoder-only":
        side = {"n_decoder_layers": LAYERS, "target_vocab_size": V}
    return TransformerConfig(**{"architecture": architecture, "d_model": D, "max_length": LENGTH} | side | more)


def _two_stacks(**more: Any) -> TransformerConfig:
    layers = {"n_encoder_layers": LAYERS, "n_decoder_layers": LAYERS}
    return TransformerConfig(d_model=D, max_length=LENGTH, source_vocab_size=V, target_vocab_size=V, **layers, **more)


_BERT = {
    "vocab_size": V, "hidden_size": D, "num_hidden_layers": LAYERS, "num_attention_heads": H, "intermediate_size": F,
    "hidden_act": "gelu", **IDS,
}  # fmt: skip
_MARIAN = {"layers": LAYERS, "attention_heads": H, "ffn_dim": F}
_T5 = {
    "vocab_size": V, "d_model": D, "d_kv": 6, "d_ff": F, "num_layers": LAYERS, "num_heads": H,
    "relative_attention_num_buckets": 8, "relative_attention_max_distance": 11, "decoder_start_token_id": 0,
    "pad_token_id": 0, "eos_token_id": 1,
}  # fmt: skip
_LLAMA = {
    "vocab_size": V, "hidden_size": D, "intermediate_size": F, "num_hidden_layers": LAYERS, "num_attention_heads": 6,
    "num_key_value_heads": 2, "max_position_embeddings": LENGTH, **IDS,
}  # fmt: skip

# Theirs, fresh.
THEIRS: dict[str, Callable[[], Any]] = {
    "gpt2": maker(
        "GPT2LMHeadModel", "GPT2Config", vocab_size=V, n_positions=LENGTH, n_embd=D, n_layer=LAYERS, n_head=H,
        n_inner=F, **IDS,
    ),
    "bert": maker("BertForMaskedLM", "BertConfig", **_BERT, max_position_embeddings=LENGTH),
    "bert without a head": maker("BertModel", "BertConfig", **_BERT, max_position_embeddings=LENGTH),
    "roberta": maker(
        "RobertaForMaskedLM", "RobertaConfig", max_position_embeddings=LENGTH + 2, type_vocab_size=1,
        **_BERT | {"pad_token_id": 1},
    ),
    "distilbert": maker(
        "DistilBertForMaskedLM", "DistilBertConfig", vocab_size=V, max_position_embeddings=LENGTH, n_layers=LAYERS,
        n_heads=H, dim=D, hidden_dim=F, pad_token_id=0,
    ),
    "marian": maker(
        "MarianMTModel", "MarianConfig", vocab_size=V, d_model=D, max_position_embeddings=LENGTH,
        activation_function="swish", scale_embedding=True, decoder_start_token_id=1, forced_eos_token_id=None,
        **{f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in _MARIAN.items()}, **IDS,
    ),
    "t5": maker("T5ForConditionalGeneration", "T5Config", **_T5, feed_forward_proj="relu"),
    "t5 1.1": maker(
        "T5ForConditionalGeneration", "T5Config", **_T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False
    ),
    "llama": maker(
        "LlamaForCausalLM", "LlamaConfig", **_LLAMA, head_dim=4, rms_norm_eps=1e-5, tie_word_embeddings=True
    ),
    "llama with slower positions": maker(
        "LlamaForCausalLM", "LlamaConfig", **_LLAMA, head_dim=4, rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "linear", "rope_theta": 500.0, "factor": 2.5},
    ),
    "qwen2": maker("Qwen2ForCausalLM", "Qwen2Config", **_LLAMA, rms_norm_eps=1e-6),
}  # fmt: skip

_PLAIN = {"embedding": EmbeddingConfig(scale=False), "order": "pre"}
_GELU = {"attention": AttentionConfig(H), "feed_forward": FeedForwardConfig(F, "gelu"), "norm": NormConfig(eps=1e-12)}
_SEGMENTS = {"positions": Learned(), "embedding": EmbeddingConfig(scale=False, segments=2, norm=True), **_GELU}
_MASKED = HeadConfig(transform=True, bias=True)
_UNSCALED = AttentionConfig(H, d_head=6, scale=False, bias=False, out_bias=False)
_BIASED = {"positions": RelativeBias(8, 11), "norm": NormConfig("rms_norm", 1e-6), "bos_id": 0, "eos_id": 1}
_SHARED = {"order": "pre", "embedding": EmbeddingConfig(scale=False, tied=True), "attention": _UNSCALED}
_GATED = {"feed_forward": FeedForwardConfig(F, "silu", bias=False, gated=True), **_PLAIN}
_GROUPED = AttentionConfig(6, n_kv_heads=2, d_head=4, bias=False, out_bias=False)
_RMS = NormConfig("rms_norm", 1e-5)

FAMILIES: dict[str, Family] = {
    "gpt2": Family(
        _one_stack(
            "decoder-only",
            positions=Learned(),
            attention=AttentionConfig(H),
            feed_forward=FeedForwardConfig(F, "gelu_tanh"),
            **_PLAIN,
        ),
        peer_weights.gpt2_weights,
    ),
    "bert": Family(_one_stack("encoder-only", head=_MASKED, **_SEGMENTS), peer_weights.bert_weights),
    "bert without a head": Family(_one_stack("encoder-only", head=None, **_SEGMENTS), peer_weights.bert_weights),
    "roberta": Family(
        _one_stack(
            "encoder-only",
            positions=Learned(offset=2),
            embedding=EmbeddingConfig(scale=False, segments=1, norm=True),
            head=_MASKED,
            pad_id=1,
            **_GELU,
        ),
        peer_weights.bert_weights,
    ),
    "distilbert": Family(
        _one_stack(
            "encoder-only",
            positions=Learned(),
            embedding=EmbeddingConfig(scale=False, norm=True),
            head=_MASKED,
            **_GELU,
        ),
        peer_weights.distilbert_weights,
    ),
    "marian": Family(
        _two_stacks(
            positions=Sinusoidal("halves"),
            embedding=EmbeddingConfig(tied=True),
            attention=AttentionConfig(H),
            feed_forward=FeedForwardConfig(F, "silu"),
            head=HeadConfig(bias=True),
        ),
        peer_weights.marian_weights,
    ),
    "t5": Family(
        _two_stacks(
            feed_forward=FeedForwardConfig(F, "relu", bias=False), head=HeadConfig(scale=True), **_BIASED, **_SHARED
        ),
        peer_weights.t5_weights,
    ),
    "t5 1.1": Family(
        _two_stacks(
            feed_forward=FeedForwardConfig(F, "gelu_tanh", bias=False, gated=True),
            head=HeadConfig(tied=False),
            **_BIASED,
            **_SHARED,
        ),
        peer_weights.t5_weights,
    ),
    "llama": Family(
        _one_stack("decoder-only", positions=Rotary(), attention=_GROUPED, norm=_RMS, **_GATED),
        peer_weights.llama_weights,
    ),
    "llama with slower positions": Family(
        _one_stack(
            "decoder-only",
            positions=Rotary(500.0, 2.5),
            attention=_GROUPED,
            norm=_RMS,
            head=HeadConfig(tied=False),
            **_GATED,
        ),
        peer_weights.llama_weights,
    ),
    "qwen2": Family(
        _one_stack(
            "decoder-only",
            positions=Rotary(),
            attention=AttentionConfig(6, n_kv_heads=2, out_bias=False),
            norm=NormConfig("rms_norm", 1e-6),
            head=HeadConfig(tied=False),
            **_GATED,
        ),
        peer_weights.llama_weights,
    ),
}
