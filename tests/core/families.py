"""Tiny random models of the five families of Hugging Face, and ours of the same shape with their weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import torch

from benchmarks.core import peer_weights
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
STD = 0.4


@dataclass(frozen=True)
class Family:
    """One model of a family.

    Attributes:
        config: of ours, made by hand.
        make: theirs, fresh.
        weights: where theirs stand in ours.
    """

    config: TransformerConfig
    make: Callable[[], Any]
    weights: Callable[[Any], dict[str, torch.Tensor]]


def hf() -> Any:
    """Hugging Face's library: its import takes seconds, which a run of other tests need not wait for."""
    import transformers

    return transformers


class _Double:
    """The module torch, in which single precision is double: some of their steps ask for float32 by name."""

    def __getattr__(self, name: str) -> Any:
        return torch.float64 if name in ("float32", "float") else getattr(torch, name)


@contextmanager
def doubled() -> Iterator[None]:
    """Let their models be made and run in float64 throughout."""
    from transformers import modeling_rope_utils
    from transformers.models.llama import modeling_llama
    from transformers.models.mistral import modeling_mistral
    from transformers.models.mt5 import modeling_mt5
    from transformers.models.qwen2 import modeling_qwen2
    from transformers.models.t5 import modeling_t5

    modules = (modeling_rope_utils, modeling_llama, modeling_mistral, modeling_mt5, modeling_qwen2, modeling_t5)
    patches = [mock.patch.object(module, "torch", _Double()) for module in modules]
    patches.append(mock.patch.object(torch.Tensor, "float", torch.Tensor.double))
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
        torch.set_default_dtype(before)


def pair(name: str, dtype: torch.dtype = torch.float64) -> tuple[Transformer, Any]:
    """Return ours and theirs with the same random weights, both in eval mode; theirs made under `doubled`."""
    family = FAMILIES[name]
    torch.manual_seed(0)
    theirs = family.make().eval()
    with torch.no_grad():
        for parameter, weight in theirs.named_parameters():
            if "embed_positions" in parameter:
                check_waves(weight)
            elif "norm" in parameter.lower() or "ln_" in parameter:  # fresh ones are 1 and 0
                weight.add_(0.3 * torch.randn_like(weight))
            else:
                weight.copy_(STD * torch.randn_like(weight))
        if hasattr(theirs, "final_logits_bias"):
            theirs.final_logits_bias.copy_(torch.randn_like(theirs.final_logits_bias))
    ours = Transformer(family.config).to(dtype).eval().requires_grad_(False)
    peer_weights.copy_weights(ours, family.weights(theirs))
    return ours, theirs


def check_waves(table: torch.nn.Parameter) -> None:
    """Their table is rounded to single precision; here it gets its digits."""
    angles = np.arange(table.shape[0])[:, None] / 10000 ** (2 * np.arange(D // 2) / D)
    exact = torch.tensor(np.concatenate((np.sin(angles), np.cos(angles)), axis=1))
    torch.testing.assert_close(table.double(), exact, rtol=0, atol=1e-7)
    table.copy_(exact)


def _one_stack(architecture: str, **more: Any) -> TransformerConfig:
    side = {"n_encoder_layers": LAYERS, "source_vocab_size": V}
    if architecture == "decoder-only":
        side = {"n_decoder_layers": LAYERS, "target_vocab_size": V}
    return TransformerConfig(**{"architecture": architecture, "d_model": D, "max_length": LENGTH} | side | more)


def _two_stacks(**more: Any) -> TransformerConfig:
    layers = {"n_encoder_layers": LAYERS, "n_decoder_layers": LAYERS}
    return TransformerConfig(d_model=D, max_length=LENGTH, source_vocab_size=V, target_vocab_size=V, **layers, **more)


def _gpt2() -> Any:
    sizes = {"n_positions": LENGTH, "n_embd": D, "n_layer": LAYERS, "n_head": H, "n_inner": F}
    return hf().GPT2LMHeadModel(hf().GPT2Config(vocab_size=V, **sizes, **IDS, attn_implementation="eager"))


_BERT = {
    "vocab_size": V,
    "hidden_size": D,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": H,
    "intermediate_size": F,
    "hidden_act": "gelu",
    "attn_implementation": "eager",
    **IDS,
}


def _roberta() -> Any:
    config = hf().RobertaConfig(
        **_BERT | {"pad_token_id": 1, "max_position_embeddings": LENGTH + 2, "type_vocab_size": 1}
    )
    return hf().RobertaForMaskedLM(config)


def _distilbert() -> Any:
    sizes = {"vocab_size": V, "max_position_embeddings": LENGTH, "n_layers": LAYERS, "n_heads": H, "dim": D}
    config = hf().DistilBertConfig(**sizes, hidden_dim=F, attn_implementation="eager", pad_token_id=0)
    return hf().DistilBertForMaskedLM(config)


def _marian() -> Any:
    sizes = {f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in _MARIAN.items()}
    config = hf().MarianConfig(
        vocab_size=V,
        d_model=D,
        max_position_embeddings=LENGTH,
        activation_function="swish",
        scale_embedding=True,
        decoder_start_token_id=1,
        forced_eos_token_id=None,
        attn_implementation="eager",
        **sizes,
        **IDS,
    )
    return hf().MarianMTModel(config)


_MARIAN = {"layers": LAYERS, "attention_heads": H, "ffn_dim": F}


def _t5(*, gated: bool) -> Callable[[], Any]:
    kind = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False} if gated else {"feed_forward_proj": "relu"}

    def make() -> Any:
        config = hf().T5Config(
            vocab_size=V,
            d_model=D,
            d_kv=6,
            d_ff=F,
            num_layers=LAYERS,
            num_heads=H,
            relative_attention_num_buckets=8,
            relative_attention_max_distance=11,
            decoder_start_token_id=0,
            pad_token_id=0,
            eos_token_id=1,
            attn_implementation="eager",
            **kind,
        )
        return hf().T5ForConditionalGeneration(config)

    return make


_LLAMA = {
    "vocab_size": V,
    "hidden_size": D,
    "intermediate_size": F,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": LENGTH,
    "attn_implementation": "eager",
    **IDS,
}


def _llama() -> Any:
    return hf().LlamaForCausalLM(hf().LlamaConfig(**_LLAMA, head_dim=4, rms_norm_eps=1e-5, tie_word_embeddings=True))


def _linear_llama() -> Any:
    rope = {"rope_type": "linear", "rope_theta": 500.0, "factor": 2.5}
    return hf().LlamaForCausalLM(hf().LlamaConfig(**_LLAMA, head_dim=4, rms_norm_eps=1e-5, rope_parameters=rope))


def _qwen2() -> Any:
    return hf().Qwen2ForCausalLM(hf().Qwen2Config(**_LLAMA, rms_norm_eps=1e-6))


_PLAIN = {"embedding": EmbeddingConfig(scale=False), "order": "pre"}
_GELU = {"attention": AttentionConfig(H), "feed_forward": FeedForwardConfig(F, "gelu"), "norm": NormConfig(eps=1e-12)}
_MASKED = HeadConfig(transform=True, bias=True)
_UNSCALED = AttentionConfig(H, d_head=6, scale=False, bias=False, out_bias=False)
_T5 = {"positions": RelativeBias(8, 11), "norm": NormConfig("rms_norm", 1e-6), "bos_id": 0, "eos_id": 1}
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
        _gpt2,
        peer_weights.gpt2_weights,
    ),
    "bert": Family(
        _one_stack(
            "encoder-only",
            positions=Learned(),
            embedding=EmbeddingConfig(scale=False, segments=2, norm=True),
            head=_MASKED,
            **_GELU,
        ),
        lambda: hf().BertForMaskedLM(hf().BertConfig(**_BERT, max_position_embeddings=LENGTH)),
        peer_weights.bert_weights,
    ),
    "bert without a head": Family(
        _one_stack(
            "encoder-only",
            positions=Learned(),
            embedding=EmbeddingConfig(scale=False, segments=2, norm=True),
            head=None,
            **_GELU,
        ),
        lambda: hf().BertModel(hf().BertConfig(**_BERT, max_position_embeddings=LENGTH), add_pooling_layer=False),
        peer_weights.bert_weights,
    ),
    "roberta": Family(
        _one_stack(
            "encoder-only",
            positions=Learned(offset=2),
            embedding=EmbeddingConfig(scale=False, segments=1, norm=True),
            head=_MASKED,
            pad_id=1,
            **_GELU,
        ),
        _roberta,
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
        _distilbert,
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
        _marian,
        peer_weights.marian_weights,
    ),
    "t5": Family(
        _two_stacks(
            feed_forward=FeedForwardConfig(F, "relu", bias=False), head=HeadConfig(scale=True), **_T5, **_SHARED
        ),
        _t5(gated=False),
        peer_weights.t5_weights,
    ),
    "t5 1.1": Family(
        _two_stacks(
            feed_forward=FeedForwardConfig(F, "gelu_tanh", bias=False, gated=True),
            head=HeadConfig(tied=False),
            **_T5,
            **_SHARED,
        ),
        _t5(gated=True),
        peer_weights.t5_weights,
    ),
    "llama": Family(
        _one_stack("decoder-only", positions=Rotary(), attention=_GROUPED, norm=_RMS, **_GATED),
        _llama,
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
        _linear_llama,
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
        _qwen2,
        peer_weights.llama_weights,
    ),
}
