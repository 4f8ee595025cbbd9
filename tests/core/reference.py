"""The whole model once more, in plain numpy loops over sentences, positions and heads: slow, short, independent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from transformer_core.transformer.blocks import Learned, RelativeBias, Rotary, Sinusoidal
from transformer_core.transformer.config import TransformerConfig

Array = Any

ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(x, 0.0),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu_tanh": lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x / (1 + math.exp(-x)),
}


class Reference:
    """Logits of one sentence (pair) from the parameters by name."""

    def __init__(self, config: TransformerConfig, parameters: dict[str, Array]) -> None:
        self.config, self.p = config, parameters

    def logits(self, source: list[int] | None, target: list[int] | None) -> Array:
        """[L, V], for one sentence without padding; without a head, the last vectors [L, D]."""
        memory = None if source is None else self._encode(source)
        x, head = memory if target is None else self._decode(target, memory), self.config.head
        if head is None:
            return x
        if head.transform:
            x = self._map(x, "head.W_dense", "head.b_dense")
            x = self._norm(self._activate(x), "head.ln")
        if head.scale:
            x = x / self.config.d_model**0.5
        embed = "tgt_embed" if target is not None else "src_embed"
        W = self.p[f"{embed}.W_E" if head.tied else "head.W"]
        return x @ W.T + self.p.get("head.b", 0)

    def _encode(self, ids: list[int]) -> Array:
        x = self._embed(ids, "src_embed")
        for i in range(self.config.n_encoder_layers):
            x = self._around(x, f"encoder.{i}", 1, lambda y, i=i: self._look(y, f"encoder.{i}.self_attn", causal=False))
            x = self._around(x, f"encoder.{i}", 2, lambda y, i=i: self._feed_forward(y, f"encoder.{i}.ffn"))
        return self._end(x, "encoder")

    def _decode(self, ids: list[int], memory: Array | None) -> Array:
        x = self._embed(ids, "tgt_embed")
        for i in range(self.config.n_decoder_layers):
            path = f"decoder.{i}"
            x = self._around(x, path, 1, lambda y, p=path: self._look(y, f"{p}.self_attn", causal=True))
            last = 2
            if memory is not None:
                x = self._around(x, path, 2, lambda y, p=path: self._look(y, f"{p}.cross_attn", memory=memory))
                last = 3
            x = self._around(x, path, last, lambda y, p=path: self._feed_forward(y, f"{p}.ffn"))
        return self._end(x, "decoder")

    def _around(self, x: Array, path: str, n: int, sublayer: Callable[[Array], Array]) -> Array:
        if self.config.order == "pre":
            return x + sublayer(self._norm(x, f"{path}.ln{n}"))
        return self._norm(x + sublayer(x), f"{path}.ln{n}")

    def _end(self, x: Array, stack: str) -> Array:
        return self._norm(x, f"{stack}.norm") if self.config.order == "pre" else x

    def _embed(self, ids: list[int], path: str) -> Array:
        D, shape, positions = self.config.d_model, self.config.embedding, self.config.positions
        x = np.array([self.p[f"{path}.W_E"][i] for i in ids])
        if shape.scale:
            x = x * D**0.5
        segment = 0
        for position, i in enumerate(ids):
            if isinstance(positions, Learned):
                x[position] += self.p[f"{path}.W_pos"][position + positions.offset]
            if isinstance(positions, Sinusoidal):
                x[position] += self._waves(position, positions)
            if shape.segments:
                x[position] += self.p[f"{path}.W_seg"][min(segment, shape.segments - 1)]
                segment += i == self.config.eos_id
        return self._norm(x, f"{path}.ln") if shape.norm else x

    def _waves(self, position: int, positions: Sinusoidal) -> Array:
        D, waves = self.config.d_model, np.zeros(self.config.d_model)
        for pair in range(D // 2):
            angle = position / 10000 ** (2 * pair / D)
            near = positions.layout == "interleaved"
            waves[2 * pair if near else pair] = math.sin(angle)
            waves[2 * pair + 1 if near else D // 2 + pair] = math.cos(angle)
        return waves

    def _look(self, x: Array, path: str, *, memory: Array | None = None, causal: bool = False) -> Array:
        E, H, G = self.config.d_head, self.config.n_heads, self.config.n_kv_heads
        read, total = x if memory is None else memory, np.zeros_like(x)
        q, k, v = (self._map(y, f"{path}.W_{n}", f"{path}.b_{n}") for n, y in (("Q", x), ("K", read), ("V", read)))
        turn = isinstance(self.config.positions, Rotary) and memory is None
        for head in range(H):
            mine, shared = slice(head * E, (head + 1) * E), slice(head * G // H * E, (head * G // H + 1) * E)
            for row in range(len(x)):
                keys = range(row + 1 if causal else len(read))
                asks = self._turn(q[row, mine], row) if turn else q[row, mine]
                answers = [self._turn(k[key, shared], key) if turn else k[key, shared] for key in keys]
                scores = np.array([asks @ answer for answer in answers])
                if self.config.attention.scale:
                    scores = scores / E**0.5
                if isinstance(self.config.positions, RelativeBias) and memory is None:
                    table = self.p[f"{path.split('.')[0]}.0.self_attn.W_bias"]
                    scores = scores + [table[self._bucket(key - row, causal), head] for key in keys]
                weights = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
                z = sum(weight * v[key, shared] for weight, key in zip(weights, keys, strict=True))
                total[row] += z @ self.p[f"{path}.W_O"][mine]
        return total + self.p.get(f"{path}.b_O", 0)

    def _turn(self, x: Array, position: int) -> Array:
        """Each pair as a complex number, multiplied by one of length 1."""
        half, positions = len(x) // 2, self.config.positions
        angles = [position / positions.factor / positions.theta ** (2 * i / len(x)) for i in range(half)]
        turned = (x[:half] + 1j * x[half:]) * np.exp(1j * np.array(angles))
        return np.concatenate((turned.real, turned.imag))

    def _bucket(self, ahead: int, causal: bool) -> int:
        """The first bucket whose distances begin at or before this one, counted from the farthest."""
        positions = self.config.positions
        n = positions.buckets if causal else positions.buckets // 2
        distance, exact = max(-ahead, 0) if causal else abs(ahead), n // 2
        begins = [*range(exact)] + [
            exact * (positions.max_distance / exact) ** (i / (n - exact)) for i in range(n - exact)
        ]
        bucket = max(i for i, begin in enumerate(begins) if begin <= distance * (1 + 1e-12))
        return bucket + (n if ahead > 0 and not causal else 0)

    def _feed_forward(self, x: Array, path: str) -> Array:
        if self.config.feed_forward.gated:
            units = self._activate(x @ self.p[f"{path}.W_gate"]) * (x @ self.p[f"{path}.W_up"])
        else:
            units = self._activate(self._map(x, f"{path}.W_1", f"{path}.b_1"))
        return self._map(units, f"{path}.W_2", f"{path}.b_2")

    def _activate(self, x: Array) -> Array:
        return np.vectorize(ACTIVATIONS[self.config.feed_forward.activation], otypes=[float])(x)

    def _map(self, x: Array, W: str, b: str) -> Array:
        return x @ self.p[W] + self.p.get(b, 0)

    def _norm(self, x: Array, path: str) -> Array:
        rows, centred = [], self.config.norm.kind == "layer_norm"
        for row in x:
            deviation = row - sum(row) / len(row) if centred else row
            mean_square = sum(deviation**2) / len(row)
            rows.append(self.p[f"{path}.gamma"] * deviation / math.sqrt(mean_square + self.config.norm.eps))
        return np.array(rows) + self.p.get(f"{path}.beta", 0)
