"""The whole model once more, in plain numpy loops over sentences, positions and heads: slow, short, independent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from transformer_core.transformer.config import TransformerConfig

Array = Any

ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(x, 0.0),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu_tanh": lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
}


class Reference:
    """Logits of one sentence (pair) from the parameters by name."""

    def __init__(self, config: TransformerConfig, parameters: dict[str, Array]) -> None:
        self.config, self.p = config, parameters

    def logits(self, source: list[int] | None, target: list[int] | None) -> Array:
        """[L, V], for one sentence without padding."""
        memory = None if source is None else self._encode(source)
        x = memory if target is None else self._decode(target, memory)
        if self.config.head_transform:
            x = self._map(x, "head.W_dense", "head.b_dense")
            x = self._norm(self._activate(x), "head.ln")
        embed = "tgt_embed" if target is not None else "src_embed"
        W = self.p[f"{embed}.W_E" if self.config.tie_output else "head.W"]
        return x @ W.T + self.p.get("head.b", 0)

    def _encode(self, ids: list[int]) -> Array:
        x = self._embed(ids, "src_embed")
        for i in range(self.config.n_encoder_layers):
            x = self._around(x, f"encoder.{i}", 1, lambda y, i=i: self._attend(y, y, None, f"encoder.{i}.self_attn"))
            x = self._around(x, f"encoder.{i}", 2, lambda y, i=i: self._feed_forward(y, f"encoder.{i}.ffn"))
        return self._end(x, "encoder")

    def _decode(self, ids: list[int], memory: Array | None) -> Array:
        x, past = self._embed(ids, "tgt_embed"), np.tri(len(ids), dtype=bool)
        for i in range(self.config.n_decoder_layers):
            path = f"decoder.{i}"
            x = self._around(x, path, 1, lambda y, p=path: self._attend(y, y, past, f"{p}.self_attn"))
            last = 2
            if memory is not None:
                x = self._around(x, path, 2, lambda y, p=path: self._attend(y, memory, None, f"{p}.cross_attn"))
                last = 3
            x = self._around(x, path, last, lambda y, p=path: self._feed_forward(y, f"{p}.ffn"))
        return self._end(x, "decoder")

    def _around(self, x: Array, path: str, n: int, sublayer: Callable[[Array], Array]) -> Array:
        if self.config.norm_position == "pre":
            return x + sublayer(self._norm(x, f"{path}.ln{n}"))
        return self._norm(x + sublayer(x), f"{path}.ln{n}")

    def _end(self, x: Array, stack: str) -> Array:
        return self._norm(x, f"{stack}.norm") if self.config.norm_position == "pre" else x

    def _embed(self, ids: list[int], path: str) -> Array:
        D = self.config.d_model
        x = np.array([self.p[f"{path}.W_E"][i] for i in ids])
        if self.config.scale_embedding:
            x = x * D**0.5
        if self.config.positions == "learned":
            return x + self.p[f"{path}.W_pos"][: len(ids)]
        for position in range(len(ids)):
            for pair in range(D // 2):
                angle = position / 10000 ** (2 * pair / D)
                x[position, 2 * pair] += math.sin(angle)
                x[position, 2 * pair + 1] += math.cos(angle)
        return x

    def _attend(self, x: Array, memory: Array, allowed: Array | None, path: str) -> Array:
        E, total = self.config.d_head, np.zeros_like(x)
        q, k, v = (self._map(y, f"{path}.W_{n}", f"{path}.b_{n}") for n, y in (("Q", x), ("K", memory), ("V", memory)))
        for head in range(self.config.n_heads):
            mine = slice(head * E, (head + 1) * E)
            for row in range(len(x)):
                keys = range(len(memory)) if allowed is None else np.flatnonzero(allowed[row])
                scores = np.array([q[row, mine] @ k[key, mine] / E**0.5 for key in keys])
                weights = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
                z = sum(weight * v[key, mine] for weight, key in zip(weights, keys, strict=True))
                total[row] += z @ self.p[f"{path}.W_O"][mine]
        return total + self.p.get(f"{path}.b_O", 0)

    def _feed_forward(self, x: Array, path: str) -> Array:
        return self._map(self._activate(self._map(x, f"{path}.W_1", f"{path}.b_1")), f"{path}.W_2", f"{path}.b_2")

    def _activate(self, x: Array) -> Array:
        return np.vectorize(ACTIVATIONS[self.config.activation])(x)

    def _map(self, x: Array, W: str, b: str) -> Array:
        return x @ self.p[W] + self.p.get(b, 0)

    def _norm(self, x: Array, path: str) -> Array:
        rows = []
        for row in x:
            mean = sum(row) / len(row)
            variance = sum((row - mean) ** 2) / len(row)
            rows.append(self.p[f"{path}.gamma"] * (row - mean) / math.sqrt(variance + self.config.norm_eps))
        return np.array(rows) + self.p[f"{path}.beta"]
