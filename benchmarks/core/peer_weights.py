"""Where the weights of Hugging Face's models stand in ours: our parameter's name, and their tensor."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from transformer_core.transformer.model import Transformer

Weights = dict[str, Tensor]


def copy_weights(ours: Transformer, weights: Weights) -> None:
    """Copy these weights; a tied parameter is named once, or under each of its names, and none may be left out."""
    parameters = ours.parameters_by_name()
    with torch.no_grad():
        for name, weight in weights.items():
            assert parameters[name].shape == weight.shape, f"{name}: {parameters[name].shape} {weight.shape}"
            parameters[name].copy_(weight)
    copied = {id(parameters[name]) for name in weights}
    missing = [name for name, parameter in parameters.items() if id(parameter) not in copied]
    assert not missing, f"not copied: {missing}"


def gpt2_weights(theirs: Any) -> Weights:
    """Return the weights of a GPT2LMHeadModel."""
    body = theirs.transformer
    weights = {
        "tgt_embed.W_E": body.wte.weight,
        "tgt_embed.W_pos": body.wpe.weight,
        **_norm("decoder.norm", body.ln_f),
    }
    for i, block in enumerate(body.h):
        path, attn, mlp = f"decoder.{i}", block.attn, block.mlp
        for letter, W, b in zip(
            "QKV", attn.c_attn.weight.chunk(3, dim=1), attn.c_attn.bias.chunk(3), strict=True
        ):  # stored [in, out], one behind the other
            weights |= {f"{path}.self_attn.W_{letter}": W, f"{path}.self_attn.b_{letter}": b}
        weights |= {f"{path}.self_attn.W_O": attn.c_proj.weight, f"{path}.self_attn.b_O": attn.c_proj.bias}
        weights |= {f"{path}.ffn.W_1": mlp.c_fc.weight, f"{path}.ffn.b_1": mlp.c_fc.bias}
        weights |= {f"{path}.ffn.W_2": mlp.c_proj.weight, f"{path}.ffn.b_2": mlp.c_proj.bias}
        weights |= _norm(f"{path}.ln1", block.ln_1) | _norm(f"{path}.ln2", block.ln_2)
    return weights


def bert_weights(theirs: Any) -> Weights:
    """Return the weights of a BertForMaskedLM, a RobertaForMaskedLM, or of a BertModel, which has no head."""
    body = getattr(theirs, theirs.base_model_prefix, theirs)
    table = body.embeddings
    weights = {
        "src_embed.W_E": table.word_embeddings.weight,
        "src_embed.W_pos": table.position_embeddings.weight,
        "src_embed.W_seg": table.token_type_embeddings.weight,
        **_norm("src_embed.ln", table.LayerNorm),
    }
    for i, layer in enumerate(body.encoder.layer):
        path, read, first, second = f"encoder.{i}", layer.attention.self, layer.intermediate.dense, layer.output.dense
        maps = (read.query, read.key, read.value, layer.attention.output.dense)
        weights |= _attention(f"{path}.self_attn", *maps)
        weights |= _linear(f"{path}.ffn", "1", first) | _linear(f"{path}.ffn", "2", second)
        weights |= _norm(f"{path}.ln1", layer.attention.output.LayerNorm) | _norm(f"{path}.ln2", layer.output.LayerNorm)
    if hasattr(theirs, "cls"):
        head = theirs.cls.predictions
        weights |= _masked_head(head.transform.dense, head.transform.LayerNorm, head.decoder)
    if hasattr(theirs, "lm_head"):
        weights |= _masked_head(theirs.lm_head.dense, theirs.lm_head.layer_norm, theirs.lm_head.decoder)
    return weights


def distilbert_weights(theirs: Any) -> Weights:
    """Return the weights of a DistilBertForMaskedLM."""
    body = theirs.distilbert
    weights = {
        "src_embed.W_E": body.embeddings.word_embeddings.weight,
        "src_embed.W_pos": body.embeddings.position_embeddings.weight,
        **_norm("src_embed.ln", body.embeddings.LayerNorm),
    }
    for i, layer in enumerate(body.transformer.layer):
        path, attention = f"encoder.{i}", layer.attention
        maps = (attention.q_lin, attention.k_lin, attention.v_lin, attention.out_lin)
        weights |= _attention(f"{path}.self_attn", *maps)
        weights |= _linear(f"{path}.ffn", "1", layer.ffn.lin1) | _linear(f"{path}.ffn", "2", layer.ffn.lin2)
        weights |= _norm(f"{path}.ln1", layer.sa_layer_norm) | _norm(f"{path}.ln2", layer.output_layer_norm)
    return weights | _masked_head(theirs.vocab_transform, theirs.vocab_layer_norm, theirs.vocab_projector)


def marian_weights(theirs: Any) -> Weights:
    """Return the weights of a MarianMTModel."""
    weights = {"head.b": theirs.final_logits_bias[0], "src_embed.W_E": theirs.model.shared.weight}
    for stack in ("encoder", "decoder"):
        for i, layer in enumerate(getattr(theirs.model, stack).layers):
            path, norms = f"{stack}.{i}", [layer.self_attn_layer_norm]
            attentions = {"self_attn": layer.self_attn}
            if stack == "decoder":
                attentions["cross_attn"] = layer.encoder_attn
                norms.append(layer.encoder_attn_layer_norm)
            for name, one in attentions.items():
                weights |= _attention(f"{path}.{name}", one.q_proj, one.k_proj, one.v_proj, one.out_proj)
            weights |= _linear(f"{path}.ffn", "1", layer.fc1) | _linear(f"{path}.ffn", "2", layer.fc2)
            for n, norm in enumerate([*norms, layer.final_layer_norm], start=1):
                weights |= _norm(f"{path}.ln{n}", norm)
    return weights


def t5_weights(theirs: Any) -> Weights:
    """Return the weights of a T5ForConditionalGeneration."""
    weights = {"src_embed.W_E": theirs.shared.weight, "head.W": theirs.lm_head.weight}
    for stack in ("encoder", "decoder"):
        body = getattr(theirs, stack)
        for i, block in enumerate(body.block):
            path, parts = f"{stack}.{i}", block.layer
            for part, name in zip(parts[:-1], ("self_attn", "cross_attn"), strict=False):
                one = part.SelfAttention if name == "self_attn" else part.EncDecAttention
                weights |= _attention(f"{path}.{name}", one.q, one.k, one.v, one.o)
            if i == 0:
                weights[f"{path}.self_attn.W_bias"] = parts[0].SelfAttention.relative_attention_bias.weight
            ffn = parts[-1].DenseReluDense
            maps = {"W_1": "wi", "W_gate": "wi_0", "W_up": "wi_1", "W_2": "wo"}
            weights |= {f"{path}.ffn.{W}": getattr(ffn, w).weight.T for W, w in maps.items() if hasattr(ffn, w)}
            for n, part in enumerate(parts, start=1):
                weights |= _norm(f"{path}.ln{n}", part.layer_norm)
        weights |= _norm(f"{stack}.norm", body.final_layer_norm)
    return weights


def llama_weights(theirs: Any) -> Weights:
    """Return the weights of a LlamaForCausalLM or a Qwen2ForCausalLM."""
    body = theirs.model
    weights = {"tgt_embed.W_E": body.embed_tokens.weight, "head.W": theirs.lm_head.weight}
    for i, layer in enumerate(body.layers):
        path, one, mlp = f"decoder.{i}", layer.self_attn, layer.mlp
        weights |= _attention(f"{path}.self_attn", one.q_proj, one.k_proj, one.v_proj, one.o_proj)
        maps = {"W_gate": mlp.gate_proj, "W_up": mlp.up_proj, "W_2": mlp.down_proj}
        weights |= {f"{path}.ffn.{name}": linear.weight.T for name, linear in maps.items()}
        weights |= _norm(f"{path}.ln1", layer.input_layernorm) | _norm(f"{path}.ln2", layer.post_attention_layernorm)
    return weights | _norm("decoder.norm", body.norm)


def _masked_head(dense: Any, norm: Any, decoder: Any) -> Weights:
    weights = {"head.W_dense": dense.weight.T, "head.b_dense": dense.bias, "head.b": decoder.bias}
    return weights | _norm("head.ln", norm)


def _attention(path: str, *maps: Any) -> Weights:
    weights: Weights = {}
    for letter, linear in zip("QKVO", maps, strict=True):
        weights |= _linear(path, letter, linear)
    return weights


def _linear(path: str, letter: str, linear: Any) -> Weights:
    bias = {} if linear.bias is None else {f"{path}.b_{letter}": linear.bias}
    return {f"{path}.W_{letter}": linear.weight.T, **bias}


def _norm(path: str, norm: Any) -> Weights:
    bias = getattr(norm, "bias", None)
    return {f"{path}.gamma": norm.weight} | ({} if bias is None else {f"{path}.beta": bias})
