"""Every block and both stacks against torch.nn with copied weights, in float64 at 1e-12."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.core.tiny import SOURCE, TARGET, B, D, E, H, S, T, make_config, make_model
from transformer_core.glass.hooks import listening, name_hook_points
from transformer_core.transformer.masks import causal_mask, full_mask, make_mask, padding_mask
from transformer_core.transformer.modules.attention import Attention
from transformer_core.transformer.modules.feed_forward import FeedForward
from transformer_core.transformer.modules.norms import LayerNorm

same = partial(torch.testing.assert_close, rtol=0, atol=1e-12)
GELU_TANH = partial(F.gelu, approximate="tanh")
TORCH_ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "gelu_tanh": GELU_TANH}
CPU = torch.device("cpu")


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64)


def randomised(module: nn.Module) -> nn.Module:
    module.double().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.5)
    return module


def copy_linear(theirs: nn.Linear, W: Tensor, b: Tensor | None) -> None:
    with torch.no_grad():
        theirs.weight.copy_(W.T)
        if b is not None:
            theirs.bias.copy_(b)


def copy_norm(theirs: nn.LayerNorm, ours: LayerNorm) -> None:
    with torch.no_grad():
        theirs.weight.copy_(ours.gamma)
        theirs.bias.copy_(ours.beta)


def copy_attention(theirs: nn.MultiheadAttention, ours: Attention) -> None:
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat((ours.W_Q.T, ours.W_K.T, ours.W_V.T)))
        if ours.b_Q is not None:
            theirs.in_proj_bias.copy_(torch.cat((ours.b_Q, ours.b_K, ours.b_V)))
    copy_linear(theirs.out_proj, ours.W_O, ours.b_O)


def copy_layer(theirs: nn.Module, ours: nn.Module) -> None:
    copy_attention(theirs.self_attn, ours.self_attn)
    if hasattr(ours, "cross_attn"):
        copy_attention(theirs.multihead_attn, ours.cross_attn)
        copy_norm(theirs.norm3, ours.ln3)
    copy_norm(theirs.norm1, ours.ln1)
    copy_norm(theirs.norm2, ours.ln2)
    copy_linear(theirs.linear1, ours.ffn.W_1, ours.ffn.b_1)
    copy_linear(theirs.linear2, ours.ffn.W_2, ours.ffn.b_2)


def torch_stack(model: nn.Module, side: str) -> nn.Module:
    """torch.nn's stack with the weights of ours; a norm at its end only where the norm comes first."""
    config, ours = model.config, getattr(model, side if model.config.has_encoder else "decoder")
    make_layer, make_stack = (
        (nn.TransformerEncoderLayer, partial(nn.TransformerEncoder, enable_nested_tensor=False))
        if side == "encoder"
        else (nn.TransformerDecoderLayer, nn.TransformerDecoder)
    )
    layer = make_layer(
        D,
        H,
        config.d_ff,
        dropout=0.0,
        activation=TORCH_ACTIVATIONS[config.feed_forward.activation],
        layer_norm_eps=config.norm.eps,
        batch_first=True,
        norm_first=config.order == "pre",
        dtype=torch.float64,
    )
    norm = nn.LayerNorm(D, config.norm.eps, dtype=torch.float64) if config.order == "pre" else None
    theirs = make_stack(layer, len(ours.layers), norm=norm)
    for one, other in zip(theirs.layers, ours.layers, strict=True):
        copy_layer(one, other)
    if norm is not None:
        copy_norm(theirs.norm, ours.norm)
    return theirs.eval()


@pytest.mark.parametrize("training", [False, True], ids=["explicit", "fused"])
@pytest.mark.parametrize("eps", [1e-5, 1e-12, 0.5])
def test_layer_norm(eps, training):
    ours = randomised(LayerNorm(D, eps)).train(training)
    theirs = nn.LayerNorm(D, eps, dtype=torch.float64)
    copy_norm(theirs, ours)
    x = 3 * noise(B, T, D) + 1
    same(ours(x), theirs(x))


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu", "gelu_tanh"])
def test_feed_forward(activation, biases):
    config = make_config(activation=activation, feed_forward_bias=biases)
    ours = randomised(FeedForward(config))
    first, second = nn.Linear(D, config.d_ff, biases).double(), nn.Linear(config.d_ff, D, biases).double()
    copy_linear(first, ours.W_1, ours.b_1)
    copy_linear(second, ours.W_2, ours.b_2)
    x = noise(B, T, D)
    same(ours(x), second(TORCH_ACTIVATIONS[activation](first(x))))


ATTENTION_MASKS = {
    "full": lambda n_keys: (full_mask(T, n_keys, torch.float64, CPU), None, None),
    "causal": lambda n_keys: (
        causal_mask(T, n_keys, torch.float64, CPU),
        torch.ones(T, n_keys, dtype=torch.bool).triu(n_keys - T + 1),
        None,
    ),
    "padding": lambda n_keys: (padding_mask(padded(n_keys), T, 0, torch.float64), None, padded(n_keys) == 0),
    "padding and causal": lambda n_keys: (
        make_mask(torch.ones(T, n_keys, dtype=torch.bool).tril() & (padded(n_keys) != 0)[:, None], torch.float64),
        torch.ones(T, n_keys, dtype=torch.bool).triu(1),
        padded(n_keys) == 0,
    ),
}


def padded(n_keys: int) -> Tensor:
    """Ids of a batch whose second row ends in two positions of padding."""
    ids = torch.full((B, n_keys), 3)
    ids[1, -2:] = 0
    return ids


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("kind", ATTENTION_MASKS)
def test_self_attention_with_the_weights_of_each_head(kind, biases):
    check_attention(noise(B, T, D), None, ATTENTION_MASKS[kind](T), biases)


@pytest.mark.parametrize("kind", ["full", "padding"])
def test_cross_attention_with_the_weights_of_each_head(kind):
    check_attention(noise(B, T, D), noise(B, S, D), ATTENTION_MASKS[kind](S), True)


def check_attention(x: Tensor, memory: Tensor | None, masks: tuple, biases: bool) -> None:
    ours = randomised(Attention(make_config(attention_bias=biases)))
    name_hook_points(nn.ModuleDict({"block": ours}))
    theirs = nn.MultiheadAttention(D, H, bias=biases, batch_first=True, dtype=torch.float64)
    copy_attention(theirs, ours)
    mask, attn_mask, key_padding_mask = masks
    source = x if memory is None else memory
    expected, expected_weights = theirs(
        x, source, source, attn_mask=attn_mask, key_padding_mask=key_padding_mask, average_attn_weights=False
    )
    seen = {}

    def keep(key: str, value: Tensor) -> Tensor:
        seen[key] = value
        return value

    with listening(keep):
        out = ours(x, mask, memory)
    same(out, expected)
    assert expected_weights.shape == (B, H, T, source.shape[1])
    same(seen["block.weights"], expected_weights)
    assert seen["block.z"].shape == (B, H, T, E)


@pytest.mark.parametrize("activation", ["relu", "gelu", "gelu_tanh"])
@pytest.mark.parametrize("norm", ["post", "pre"])
def test_encoder_stack(norm, activation):
    model = make_model(norm_position=norm, activation=activation)
    x = noise(B, S, D)
    ours = model.encoder(x, padding_mask(SOURCE, S, 0, torch.float64))
    same(ours, torch_stack(model, "encoder")(x, src_key_padding_mask=SOURCE == 0))


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_decoder_only_stack_is_an_encoder_under_a_causal_mask(norm):
    model = make_model(architecture="decoder-only", norm_position=norm, activation="gelu")
    x, later = noise(B, T, D), torch.ones(T, T, dtype=torch.bool).triu(1)
    ours = model.decoder(x, causal_mask(T, T, torch.float64, CPU))
    same(ours, torch_stack(model, "encoder")(x, mask=later))


@pytest.mark.parametrize("activation", ["relu", "gelu", "gelu_tanh"])
@pytest.mark.parametrize("norm", ["post", "pre"])
def test_decoder_stack(norm, activation):
    model = make_model(norm_position=norm, activation=activation)
    x, memory, later = noise(B, T, D), noise(B, S, D), torch.ones(T, T, dtype=torch.bool).triu(1)
    ours = model.decoder(x, causal_mask(T, T, torch.float64, CPU), memory, padding_mask(SOURCE, T, 0, torch.float64))
    theirs = torch_stack(model, "decoder")(x, memory, tgt_mask=later, memory_key_padding_mask=SOURCE == 0)
    same(ours, theirs)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_from_ids_to_logits(norm):
    """Embedding, both stacks and the tied head, wired as the model wires them."""
    model = make_model(norm_position=norm)
    memory = torch_stack(model, "encoder")(model.src_embed(SOURCE), src_key_padding_mask=SOURCE == 0)
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    decoded = torch_stack(model, "decoder")(
        model.tgt_embed(TARGET), memory, tgt_mask=later, memory_key_padding_mask=SOURCE == 0
    )
    same(model(SOURCE, TARGET), decoded @ model.tgt_embed.W_E.T)
