"""The whole model as one picture's data: every strip and matrix of the map is a true value of one trace.

A strip shows some evenly spaced dimensions of a vector per position, a matrix the mean over the heads, scaled to its
largest. Numbers travel as bytes: the picture needs no more, and the ranges are sent beside them.
Letters: L position, D d_model, F d_ff, H head, Q query position, K key position.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.labels import number
from figures.words import flagged
from transformer_core.trace import Trace

Array = NDArray[Any]
DIMENSIONS, WIDE = 24, 48  # dimensions shown of a vector in the residual stream, and inside the feed-forward network
ZERO, BLOCKED = 127, 255


def architecture(trace: Trace) -> dict[str, Any]:
    """Return the map of an encoder-decoder run.

    Returns:
        facts: the numbers of the config; source, read, written: words with flags; probs: of each written word; lanes:
        "encoder" and "decoder", each with its embedding, its layers as lists of parts, and its output.
    """
    config = trace.config
    probs = trace["head.probs"][np.arange(len(trace.written_ids)), list(trace.written_ids)]
    return {
        "facts": {
            "d_model": config.d_model,
            "n_heads": config.n_heads,
            "d_head": config.d_head,
            "d_ff": config.d_ff,
            "norm": config.norm_position,
        },
        "source": flagged(trace.source_tokens),
        "read": flagged(trace.target_tokens),
        "written": flagged(trace.written_tokens),
        "probs": [round(float(p), 5) for p in probs],
        "lanes": {
            "encoder": _lane(trace, "encoder", "src_embed", config.n_encoder_layers),
            "decoder": _lane(trace, "decoder", "tgt_embed", config.n_decoder_layers),
        },
    }


def _lane(trace: Trace, stack: str, embedding: str, n_layers: int) -> dict[str, Any]:
    return {
        "embedding": _strip(trace, f"{embedding}.out"),
        "layers": [_layer(trace, f"{stack}.{i}") for i in range(n_layers)],
        "out": _strip(trace, f"{stack}.out"),
    }


def _layer(trace: Trace, path: str) -> list[dict[str, Any]]:
    """The parts of one layer in the order of computation, so that the picture shows where the norms sit."""
    blocks = ["self_attn", *(["cross_attn"] if f"{path}.cross_attn.q" in trace else []), "ffn"]
    parts: list[dict[str, Any]] = []
    for n, block in enumerate(blocks, start=1):
        body = _feed_forward(trace, path) if block == "ffn" else _attention(trace, f"{path}.{block}")
        if trace.config.norm_position == "pre":
            norm, add = _strip(trace, f"{path}.ln{n}.out"), _strip(trace, f"{path}.add{n}")
            parts += [{"kind": "norm", "strip": norm}, body, {"kind": "add", "strip": add}]
        else:
            parts += [body, {"kind": "add_norm", "strip": _strip(trace, f"{path}.ln{n}.out")}]
    return parts


def _attention(trace: Trace, block: str) -> dict[str, Any]:
    return {
        "kind": block.rsplit(".", 1)[1],
        "q": _heads_strip(trace, f"{block}.q"),
        "k": _heads_strip(trace, f"{block}.k"),
        "v": _heads_strip(trace, f"{block}.v"),
        "matrix": _matrix(trace, f"{block}.weights"),
    }


def _feed_forward(trace: Trace, path: str) -> dict[str, Any]:
    return {"kind": "ffn", "strip": _strip(trace, f"{path}.ffn.act", WIDE)}


def _strip(trace: Trace, key: str, most: int = DIMENSIONS) -> dict[str, Any]:
    return _signed(trace[key], trace[key], key, most)


def _heads_strip(trace: Trace, key: str) -> dict[str, Any]:
    values = trace[key]  # [H, L, E] -> [L, H*E], as the heads stand side by side in the projection
    return _signed(values, values.transpose(1, 0, 2).reshape(values.shape[1], -1), key, DIMENSIONS)


def _signed(values: Array, rows: Array, key: str, most: int) -> dict[str, Any]:
    shown = rows[:, np.linspace(0, rows.shape[1] - 1, min(most, rows.shape[1])).round().astype(int)]
    reach = float(np.abs(shown).max()) or 1.0
    return _picture(np.round(shown / reach * ZERO) + ZERO, _facts(key, values))


def _matrix(trace: Trace, key: str) -> dict[str, Any]:
    weights, mask = trace[key], trace[f"{key.removesuffix('.weights')}.mask"]
    mean = weights.mean(axis=0)
    # Scaled to the largest: in a long sentence every weight is small, and the thumbnail would be blank.
    return _picture(np.where(mask, np.round(mean / mean.max() * (BLOCKED - 1)), BLOCKED), _facts(key, weights))


def _picture(cells: Array, facts: Mapping[str, Any]) -> dict[str, Any]:
    data = base64.b64encode(np.ascontiguousarray(cells, dtype=np.uint8).tobytes()).decode("ascii")
    return {"rows": cells.shape[0], "columns": cells.shape[1], "data": data, **facts}


def _facts(key: str, values: Array) -> dict[str, Any]:
    shape = " × ".join(str(n) for n in values.shape)
    return {"key": key, "shape": shape, "low": number(float(values.min())), "high": number(float(values.max()))}
