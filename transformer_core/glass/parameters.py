"""The list of every parameter of a Transformer, with its axes; the letters are those of `sites.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from transformer_core.glass.arguments import checked
from transformer_core.glass.sites import Kind, unknown_key
from transformer_core.transformer.config import TransformerConfig

# The last word of a parameter's name decides its axes, rows first; no site ends in one of these words.
AXES = {
    "W_E": "VD",
    "W_pos": "LD",
    "W_Q": "DD",
    "b_Q": "D",
    "W_K": "DD",
    "b_K": "D",
    "W_V": "DD",
    "b_V": "D",
    "W_O": "DD",
    "b_O": "D",
    "gamma": "D",
    "beta": "D",
    "W_1": "DF",
    "b_1": "F",
    "W_2": "FD",
    "b_2": "D",
    "W_dense": "DD",
    "b_dense": "D",
    "W": "VD",
    "b": "V",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: the path, `stack.layer.block.parameter`.
        axes: one letter per axis.
        kind: what the numbers are, which decides how they are drawn.
    """

    name: str
    axes: str
    kind: Kind = "signed"


@checked()
@lru_cache(maxsize=64)
def all_parameters(config: TransformerConfig) -> tuple[Parameter, ...]:
    """Return every parameter of a model of this shape, in the order in which they are used; tied ones once a name."""
    names: list[str] = []
    for embed, stack, there, n_layers in (
        ("src_embed", "encoder", config.has_encoder, config.n_encoder_layers),
        ("tgt_embed", "decoder", config.has_decoder, config.n_decoder_layers),
    ):
        if there:
            names += _named(embed, "W_E", *(["W_pos"] if config.positions == "learned" else []))
            for i in range(n_layers):
                names += _layer(f"{stack}.{i}", config, cross=stack == "decoder" and config.has_cross_attention)
            names += _named(f"{stack}.norm", "gamma", "beta") if config.norm_position == "pre" else []
    if config.head_transform:
        names += _named("head", "W_dense", "b_dense") + _named("head.ln", "gamma", "beta")
    names += _named("head", "W", *(["b"] if config.output_bias else []))
    return tuple(Parameter(name, AXES[name.rpartition(".")[2]]) for name in names)


@lru_cache(maxsize=64)
def parameters_by_name(config: TransformerConfig) -> dict[str, Parameter]:
    """Return the parameters of `all_parameters`, by name."""
    return {parameter.name: parameter for parameter in all_parameters(config)}


@checked()
def find_parameter(config: TransformerConfig, name: str) -> Parameter:
    """Return the parameter with this name.

    Raises:
        UnknownSiteError: if there is none; the message names the nearest that exist.
    """
    parameters = parameters_by_name(config)
    if name not in parameters:
        raise unknown_key(config, name, "parameter", parameters)
    return parameters[name]


def is_parameter(name: str) -> bool:
    """Return whether a name is a parameter's, and not a site's."""
    return name.rpartition(".")[2] in AXES


def _layer(path: str, config: TransformerConfig, *, cross: bool) -> list[str]:
    blocks = [_attention(f"{path}.self_attn", config)]
    if cross:
        blocks.append(_attention(f"{path}.cross_attn", config))
    bias = config.feed_forward_bias
    blocks.append(_named(f"{path}.ffn", *(("W_1", "b_1", "W_2", "b_2") if bias else ("W_1", "W_2"))))
    names = []
    for n, block in enumerate(blocks, start=1):
        norm = _named(f"{path}.ln{n}", "gamma", "beta")
        names += norm + block if config.norm_position == "pre" else block + norm
    return names


def _attention(path: str, config: TransformerConfig) -> list[str]:
    pairs = [_named(path, f"W_{x}", *([f"b_{x}"] if config.attention_bias else [])) for x in "QKVO"]
    return [name for pair in pairs for name in pair]


def _named(path: str, *names: str) -> list[str]:
    return [f"{path}.{name}" for name in names]
