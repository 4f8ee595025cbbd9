"""Invented sentence pairs and a model small enough to train inside a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformer_core.training.run import Request

ANIMALS = {"猫": "cat", "狗": "dog", "鸟": "bird", "鱼": "fish", "马": "horse", "牛": "cow"}
DEEDS = {"看见": "see", "喜欢": "like", "有": "have", "找": "seek", "画": "draw"}
PEOPLE = {"我": "I", "你们": "you"}
PAIRS = [
    (f"{w}{v}{a}。", f"{p} {d} a {n}.") for w, p in PEOPLE.items() for v, d in DEEDS.items() for a, n in ANIMALS.items()
]
TINY: dict[str, Any] = {
    "d_model": 16,
    "n_heads": 2,
    "d_ff": 24,
    "n_encoder_layers": 1,
    "n_decoder_layers": 1,
    "target_vocab_size": 380,
    "batch_tokens": 120,
    "dropout": 0.1,
    "warmup_steps": 4,
    "peak_rate": 0.01,
    "seed": 3,
}


def write_pairs(path: Path) -> Path:
    path.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    return path


def tiny_request(folder: Path, out: str, **changes: Any) -> Request:
    """A request to train on the invented pairs; `changes` are fields of the request or of the recipe."""
    own = {name: changes.pop(name) for name in list(changes) if name in Request.__dataclass_fields__}
    data = write_pairs(folder / "pairs.tsv")
    settings = {"preset": "zh-en", "data": data, "out": folder / out, "device": "cpu", "changes": TINY | changes}
    return Request(**settings | own)
