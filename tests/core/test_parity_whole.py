"""Whole models against an independent numpy reference and against Hugging Face's GPT-2 and BERT, float64 at 1e-12."""

import numpy as np
import pytest
import torch
import transformers  # whole: it loads a model only when it is named

from tests.core.reference import Reference
from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SOURCE,
    SOURCE_IDS,
    TARGET,
    TARGET_IDS,
    B,
    D,
    F,
    H,
    S,
    T,
    V,
    make_config,
    make_model,
    shape_name,
    trace_of,
)
from transformer_core.transformer.masks import padding_mask

OPTIONS = {
    "default": {},
    "gelu": {"activation": "gelu"},
    "gelu_tanh": {"activation": "gelu_tanh"},
    "learned positions": {"positions": "learned"},
    "unscaled": {"scale_embedding": False},
    "untied": {"tie_output": False},
    "no attention biases": {"attention_bias": False},
    "no feed-forward biases": {"feed_forward_bias": False},
    "output bias": {"output_bias": True},
    "head transform": {"head_transform": True, "activation": "gelu"},
    "large eps": {"norm_eps": 0.1},
    "all others": OTHER_OPTIONS,
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_the_logits_are_those_of_a_hand_written_reference(shape, options):
    config = make_config(**shape, **options)
    check_against_reference(config)


@pytest.mark.parametrize("tie_output", [True, False])
def test_shared_embeddings_are_one_table_for_both_sides(tie_output):
    model = check_against_reference(make_config(target_vocab_size=17, tie_embeddings=True, tie_output=tie_output))
    assert model.src_embed.W_E is model.tgt_embed.W_E
    assert (model.head.W is model.src_embed.W_E) == tie_output


def check_against_reference(config):
    model = make_model(config)
    parameters = {name: p.detach().numpy() for name, p in model.named_parameters(remove_duplicate=False)}
    source = SOURCE_IDS if config.has_encoder else None
    target = TARGET_IDS if config.has_decoder else None
    expected = Reference(config, parameters).logits(source, target)
    np.testing.assert_allclose(trace_of(model)["head.logits"], expected, rtol=0, atol=1e-12)
    return model


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_padding_changes_nothing_for_the_real_positions(shape):
    """A short sentence beside a longer one has the logits that it has alone."""
    config = make_config(**shape)
    model = make_model(config)
    alone = [SOURCE[1:, :3] if config.has_encoder else None, TARGET[1:, :3] if config.has_decoder else None]
    both = [SOURCE if config.has_encoder else None, TARGET if config.has_decoder else None]
    torch.testing.assert_close(model(*both)[1, :3], model(*alone)[0], rtol=0, atol=1e-12)


def gpt2():
    """A GPT-2 with random weights, and ours with the same."""
    theirs = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=V,
            n_positions=19,
            n_embd=D,
            n_layer=2,
            n_head=H,
            n_inner=F,
            initializer_range=0.4,
            bos_token_id=1,
            eos_token_id=2,
            attn_implementation="eager",
        )
    )
    theirs = theirs.double().eval()
    ours = make_model(
        architecture="decoder-only",
        norm_position="pre",
        activation="gelu_tanh",
        positions="learned",
        scale_embedding=False,
        norm_eps=1e-5,
    )
    body = theirs.transformer
    with torch.no_grad():
        for name, parameter in body.named_parameters():
            if "ln_" in name or "bias" in name:  # fresh ones are 1 and 0
                parameter.add_(0.3 * torch.randn_like(parameter))
        ours.tgt_embed.W_E.copy_(body.wte.weight)
        ours.tgt_embed.W_pos.copy_(body.wpe.weight)
        for one, block in zip(ours.decoder.layers, body.h, strict=True):
            attn, mlp = one.self_attn, block.mlp
            for letter, W, b in zip(
                "QKV", block.attn.c_attn.weight.chunk(3, dim=1), block.attn.c_attn.bias.chunk(3), strict=True
            ):
                getattr(attn, f"W_{letter}").copy_(W)
                getattr(attn, f"b_{letter}").copy_(b)
            attn.W_O.copy_(block.attn.c_proj.weight)
            attn.b_O.copy_(block.attn.c_proj.bias)
            one.ffn.W_1.copy_(mlp.c_fc.weight)
            one.ffn.b_1.copy_(mlp.c_fc.bias)
            one.ffn.W_2.copy_(mlp.c_proj.weight)
            one.ffn.b_2.copy_(mlp.c_proj.bias)
            copy_norm(one.ln1, block.ln_1)
            copy_norm(one.ln2, block.ln_2)
        copy_norm(ours.decoder.norm, body.ln_f)
    return ours, theirs


def copy_norm(ours, theirs):
    ours.gamma.copy_(theirs.weight)
    ours.beta.copy_(theirs.bias)


@pytest.mark.peers
def test_gpt2_agrees_at_the_logits_at_every_layer_and_in_every_head():
    ours, theirs = gpt2()
    expected = theirs(torch.tensor([TARGET_IDS]), output_attentions=True, output_hidden_states=True)
    trace = trace_of(ours)
    pairs = {
        "head.logits": expected.logits,
        "decoder.0.self_attn.weights": expected.attentions[0],
        "decoder.1.self_attn.weights": expected.attentions[1],
        "tgt_embed.out": expected.hidden_states[0],
        "decoder.0.out": expected.hidden_states[1],
        "decoder.out": expected.hidden_states[2],
    }
    for key, value in pairs.items():
        np.testing.assert_allclose(trace[key], value.detach()[0], rtol=0, atol=1e-12, err_msg=key)
    assert trace["decoder.0.self_attn.weights"].shape == (H, T, T)


@pytest.mark.peers
def test_bert_layers_and_masked_language_head_agree():
    """BERT norms its embeddings, which ours does not, so both are given the same vectors."""
    theirs = transformers.BertForMaskedLM(
        transformers.BertConfig(
            vocab_size=17,
            hidden_size=D,
            num_hidden_layers=2,
            num_attention_heads=H,
            intermediate_size=F,
            hidden_act="gelu",
            max_position_embeddings=19,
            initializer_range=0.4,
            attn_implementation="eager",
        )
    )
    theirs = theirs.double().eval()
    config = make_config(
        "encoder-only", activation="gelu", norm_eps=1e-12, head_transform=True, output_bias=True, tie_output=False
    )
    ours = make_model(config)
    with torch.no_grad():
        for one, layer in zip(ours.encoder.layers, theirs.bert.encoder.layer, strict=True):
            read = layer.attention.self
            for letter, theirs_map in (("Q", read.query), ("K", read.key), ("V", read.value)):
                copy_to_linear(theirs_map, one.self_attn, f"W_{letter}", f"b_{letter}")
            copy_to_linear(layer.attention.output.dense, one.self_attn, "W_O", "b_O")
            copy_to_linear(layer.intermediate.dense, one.ffn, "W_1", "b_1")
            copy_to_linear(layer.output.dense, one.ffn, "W_2", "b_2")
            copy_from_norm(layer.attention.output.LayerNorm, one.ln1)
            copy_from_norm(layer.output.LayerNorm, one.ln2)
        head = theirs.cls.predictions
        copy_to_linear(head.transform.dense, ours.head, "W_dense", "b_dense")
        copy_from_norm(head.transform.LayerNorm, ours.head.ln)
        head.decoder.weight.copy_(ours.head.W)
        head.decoder.bias.copy_(ours.head.b)
    x = torch.randn(B, S, D, dtype=torch.float64)
    allowed = padding_mask(SOURCE, S, 0, torch.float64)
    expected = theirs.bert.encoder(x, attention_mask=allowed.additive).last_hidden_state
    encoded = ours.encoder(x, allowed)
    torch.testing.assert_close(encoded, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.head(encoded), head(expected), rtol=0, atol=1e-12)


def copy_to_linear(theirs, ours, W, b):
    theirs.weight.copy_(getattr(ours, W).T)
    theirs.bias.copy_(getattr(ours, b))


def copy_from_norm(theirs, ours):
    theirs.weight.copy_(ours.gamma)
    theirs.bias.copy_(ours.beta)
