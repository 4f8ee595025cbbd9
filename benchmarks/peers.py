"""Hugging Face models with random weights, and ours with the very same weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, MarianConfig, MarianMTModel

from benchmarks.shapes import Shape
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

NEVER = -1e4  # a logit that is never the largest


@dataclass(frozen=True)
class Pair:
    """One shape on both sides, in eval mode.

    Attributes:
        ours: our model.
        theirs: the Hugging Face model whose weights it bears.
    """

    ours: Transformer
    theirs: Any


def gpt2_pair(shape: Shape) -> Pair:
    """Return a GPT-2 of this shape and ours."""
    torch.manual_seed(0)
    theirs = GPT2LMHeadModel(
        GPT2Config(
            n_layer=shape.n_layers,
            n_head=shape.n_heads,
            n_embd=shape.d_model,
            vocab_size=shape.vocab_size,
            n_positions=shape.max_length,
            bos_token_id=1,
            eos_token_id=2,
        )
    )
    config = TransformerConfig(
        architecture="decoder-only",
        d_model=shape.d_model,
        n_decoder_layers=shape.n_layers,
        target_vocab_size=shape.vocab_size,
        max_length=shape.max_length,
        order="pre",
        positions=Learned(),
        embedding=EmbeddingConfig(scale=False),
        attention=AttentionConfig(shape.n_heads),
        feed_forward=FeedForwardConfig(4 * shape.d_model, "gelu_tanh"),
    )
    weights = {
        "tgt_embed.W_E": theirs.transformer.wte.weight,
        "tgt_embed.W_pos": theirs.transformer.wpe.weight,
        **_norm("decoder.norm", theirs.transformer.ln_f),
    }
    for i, block in enumerate(theirs.transformer.h):
        weights |= _gpt2_layer(f"decoder.{i}", block)
    return _pair(config, weights, theirs)


def marian_pair(shape: Shape) -> Pair:
    """Return a Marian of this shape and ours, with ReLU and without an end: neither ever writes </s>."""
    torch.manual_seed(0)
    theirs = MarianMTModel(
        MarianConfig(
            encoder_layers=shape.n_layers,
            decoder_layers=shape.n_layers,
            encoder_attention_heads=shape.n_heads,
            decoder_attention_heads=shape.n_heads,
            d_model=shape.d_model,
            encoder_ffn_dim=4 * shape.d_model,
            decoder_ffn_dim=4 * shape.d_model,
            vocab_size=shape.vocab_size,
            max_position_embeddings=shape.max_length,
            activation_function="relu",
            scale_embedding=True,
            init_std=shape.d_model**-0.5,
            pad_token_id=0,
            decoder_start_token_id=1,
            eos_token_id=2,
            forced_eos_token_id=None,
        )
    )
    theirs.final_logits_bias[0, 2] = NEVER
    config = shape.config(
        positions=Sinusoidal("halves"),
        embedding=EmbeddingConfig(tied=True),
        head=HeadConfig(bias=True),
    )
    weights = {"head.b": theirs.final_logits_bias[0]}
    for embedding, stack in (("src_embed", "encoder"), ("tgt_embed", "decoder")):
        half = getattr(theirs.model, stack)
        weights |= {f"{embedding}.W_E": theirs.model.shared.weight}
        for i, layer in enumerate(half.layers):
            weights |= _marian_layer(f"{stack}.{i}", layer)
    return _pair(config, weights, theirs)


def _pair(config: TransformerConfig, weights: dict[str, Tensor], theirs: Any) -> Pair:
    assert theirs.config._attn_implementation == "sdpa", "the fastest attention that it has"
    ours = Transformer(config)
    parameters = dict(ours.named_parameters(remove_duplicate=False))
    with torch.no_grad():
        for name, weight in weights.items():
            parameters.pop(name).copy_(weight)
    assert parameters.keys() <= {"head.W"}, f"not copied: {sorted(parameters)}"  # head.W is the embedding
    return Pair(ours.eval(), theirs.eval())


def _gpt2_layer(path: str, block: Any) -> dict[str, Tensor]:
    W_Q, W_K, W_V = block.attn.c_attn.weight.chunk(3, dim=1)
    b_Q, b_K, b_V = block.attn.c_attn.bias.chunk(3)
    attention = {"W_Q": W_Q, "W_K": W_K, "W_V": W_V, "b_Q": b_Q, "b_K": b_K, "b_V": b_V}
    attention |= {"W_O": block.attn.c_proj.weight, "b_O": block.attn.c_proj.bias}
    ffn = {"W_1": block.mlp.c_fc.weight, "b_1": block.mlp.c_fc.bias}
    ffn |= {"W_2": block.mlp.c_proj.weight, "b_2": block.mlp.c_proj.bias}
    return {
        **{f"{path}.self_attn.{name}": weight for name, weight in attention.items()},
        **{f"{path}.ffn.{name}": weight for name, weight in ffn.items()},
        **_norm(f"{path}.ln1", block.ln_1),
        **_norm(f"{path}.ln2", block.ln_2),
    }


def _marian_layer(path: str, layer: Any) -> dict[str, Tensor]:
    attentions, norms = {"self_attn": layer.self_attn}, [layer.self_attn_layer_norm]
    if hasattr(layer, "encoder_attn"):
        attentions["cross_attn"] = layer.encoder_attn
        norms.append(layer.encoder_attn_layer_norm)
    weights: dict[str, Tensor] = {}
    for name, block in attentions.items():
        for letter, linear in zip("QKVO", (block.q_proj, block.k_proj, block.v_proj, block.out_proj), strict=True):
            weights |= _linear(f"{path}.{name}", letter, linear)
    weights |= _linear(f"{path}.ffn", "1", layer.fc1) | _linear(f"{path}.ffn", "2", layer.fc2)
    for n, norm in enumerate([*norms, layer.final_layer_norm], start=1):
        weights |= _norm(f"{path}.ln{n}", norm)
    return weights


def _linear(path: str, letter: str, linear: Any) -> dict[str, Tensor]:
    return {f"{path}.W_{letter}": linear.weight.T, f"{path}.b_{letter}": linear.bias}


def _norm(path: str, norm: Any) -> dict[str, Tensor]:
    return {f"{path}.gamma": norm.weight, f"{path}.beta": norm.bias}
