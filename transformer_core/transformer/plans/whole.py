"""What a whole Transformer says of itself: its blocks in the order of computation."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Unpack

from transformer_core.glass.plan import Block, NamedPlace, Place, Plan, WordList
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans.attention import attention_block
from transformer_core.transformer.plans.blocks import (
    add_block,
    feed_forward_block,
    norm_block,
    stream_block,
)
from transformer_core.transformer.plans.embedding import embedding_block
from transformer_core.transformer.plans.output import output_blocks

SOURCE, TARGET = "source", "target"


@lru_cache(maxsize=64)
def transformer_plan(config: TransformerConfig) -> Plan:
    """Return the description of a Transformer of this shape."""
    blocks: list[Block] = []
    lists: list[WordList] = []
    signs = (config.pad_id, config.bos_id, config.eos_id), (config.eos_id,)
    writes = config.head is not None and not config.has_decoder
    if config.has_encoder:
        blocks += _stack("encoder", "src_embed", SOURCE, config.n_encoder_layers, config)
        lists.append(WordList(SOURCE, "encoder", "src_embed.tokens", *signs, writes, config.source_vocab_size))
    if config.has_decoder:
        blocks += _stack("decoder", "tgt_embed", TARGET, config.n_decoder_layers, config)
        lists.append(WordList(TARGET, "decoder", "tgt_embed.tokens", *signs, True, config.target_vocab_size))
    last = lists[-1]
    if config.head is not None:
        blocks += output_blocks("head", f"{last.stack}.out", config, config.head, words=last.name)
    sizes = {"H": config.n_heads, "E": config.d_head, "D": config.d_model, "F": config.d_ff}
    if config.n_kv_heads != config.n_heads:
        sizes["G"] = config.n_kv_heads
    return Plan(config.architecture, tuple(sizes.items()), tuple(lists), tuple(blocks))


def _stack(path: str, embedding: str, words: str, n_layers: int, config: TransformerConfig) -> list[Block]:
    blocks = [embedding_block(embedding, config, stack=path, words=words)]
    x = f"{embedding}.out"
    if config.embedding.norm:
        blocks.append(norm_block(f"{embedding}.ln", x, config, stack=path, name="ln", words=words))
        x = f"{embedding}.ln.out"
    for i in range(n_layers):
        blocks += _layer(f"{path}.{i}", x, f"{embedding}.tokens", config, stack=path, layer=i, words=words)
        x = f"{path}.{i}.out"
    if config.order == "pre":
        blocks.append(norm_block(f"{path}.norm", x, config, stack=path, name="norm", words=words))
        x = f"{path}.norm.out"
    return [*blocks, stream_block(path, "out", "stack_out", x, stack=path, words=words)]


def _layer(path: str, before: str, tokens: str, config: TransformerConfig, **place: Unpack[Place]) -> list[Block]:
    """Post-norm reads x and norms the sum; pre-norm reads the normed x and adds onto x itself."""
    x, blocks = f"{path}.input", [stream_block(path, "input", "input", before, **place)]
    for n, (name, sublayer) in enumerate(_sublayers(path, tokens, config, **place), start=1):
        add, norm = f"{path}.add{n}", f"{path}.ln{n}"
        if config.order == "pre":
            blocks += [norm_block(norm, x, config, name=f"ln{n}", **place), sublayer(f"{norm}.out")]
            blocks.append(add_block(path, f"add{n}", x, f"{path}.{name}.out", **place))
            x = add
        else:
            blocks += [sublayer(x), add_block(path, f"add{n}", x, f"{path}.{name}.out", **place)]
            blocks.append(norm_block(norm, add, config, name=f"ln{n}", **place))
            x = f"{norm}.out"
    return [*blocks, stream_block(path, "out", "layer_out", x, **place)]


def _sublayers(
    path: str, tokens: str, config: TransformerConfig, **place: Unpack[Place]
) -> list[tuple[str, Callable[[str], Block]]]:
    """The sub-layers of a layer by name, each as a function of what it reads."""

    def own(x: str) -> Block:
        padded = "" if place["stack"] == "decoder" else tokens
        return attention_block(f"{path}.self_attn", x, config, tokens=tokens, padded=padded, name="self_attn", **place)

    def crossed(x: str) -> Block:
        there = NamedPlace(name="cross_attn", memory=SOURCE, **place)
        return attention_block(
            f"{path}.cross_attn", x, config, tokens=tokens, read="encoder.out", padded="src_embed.tokens", **there
        )

    def ffn(x: str) -> Block:
        return feed_forward_block(f"{path}.ffn", x, config, name="ffn", **place)

    cross = [("cross_attn", crossed)] if place["stack"] == "decoder" and config.has_cross_attention else []
    return [("self_attn", own), *cross, ("ffn", ffn)]
