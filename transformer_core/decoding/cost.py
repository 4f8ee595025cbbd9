"""How many multiply-adds a step of decoding takes, with a KV cache and without: counted from the shape of the model."""

from __future__ import annotations

from transformer_core.transformer.config import TransformerConfig


def decoder_cost(
    config: TransformerConfig, *, rows: int, keys: int, said: int, source: int = 0, reads_source: bool = True
) -> int:
    """Return the multiply-adds of one pass through the decoder and the head.

    Counted are the matrix products: in self-attention W_Q, W_K, W_V and W_O for each row, q k^T and weights v for each
    pair of row and key; in cross-attention W_Q and W_O for each row, W_K and W_V for each source word, and both
    products; the two or three maps of the feed-forward network; the head. Masked pairs count, because they are
    computed. Not counted: looking up embeddings, positions, biases, softmax, activations, residual sums and norms. The
    encoder is left out: it runs once, whether there is a cache or not.

    Args:
        config: of a model with a decoder.
        rows: positions that go through the layers.
        keys: positions that they attend to, themselves included.
        said: rows for which the head works out the logits.
        source: words of the source; 0 without an encoder.
        reads_source: whether the keys and values of the source are worked out in this pass.
    """
    d, wide, read = config.d_model, config.n_heads * config.d_head, config.n_kv_heads * config.d_head
    maps = 3 if config.feed_forward.gated else 2
    layer = rows * 2 * d * (wide + read) + rows * keys * 2 * wide + rows * maps * d * config.d_ff
    if config.has_cross_attention:
        layer += rows * 2 * d * wide + rows * source * 2 * wide
        layer += source * 2 * d * read if reads_source else 0
    transformed = config.head is not None and config.head.transform
    return config.n_decoder_layers * layer + said * (d * config.vocab_size + (d * d if transformed else 0))


def step_costs(config: TransformerConfig, *, reused: int, length: int, source: int = 0) -> tuple[int, int]:
    """Return the multiply-adds of a step of decoding with a cache and without.

    Args:
        config: of a model with a decoder.
        reused: positions whose keys and values the cache holds before the step.
        length: the same behind it; the step computes the rows in between.
        source: words of the source; 0 without an encoder.
    """
    new = length - reused
    cached = decoder_cost(config, rows=new, keys=length, said=new, source=source, reads_source=not reused)
    return cached, decoder_cost(config, rows=length, keys=length, said=new, source=source)
