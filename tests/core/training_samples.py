"""Invented sentence pairs and a model small enough to train inside a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformer_core.training.data.texts import DataFile
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

PLACES = ("garden", "house", "school", "forest")
TOLD = [
    f"{who} went to the {place}. {who} saw a {thing} there. It was {colour}."
    for who in ("Tom", "Mary", "Ann")
    for place in PLACES
    for thing in ANIMALS.values()
    for colour in ("red", "blue")
]
TINY_TEXT: dict[str, Any] = {
    "d_model": 24,
    "n_heads": 2,
    "d_ff": 32,
    "max_length": 24,
    "batch_tokens": 240,
    "warmup_steps": 4,
    "peak_rate": 0.02,
    "matrix_rate": 0.02,
    "average_decay": 0.9,
    "seed": 3,
}
SIDE = {"next-word": "decoder", "masked-word": "encoder"}


def write_texts(path: Path) -> Path:
    path.write_text("\n".join(TOLD) + "\n", encoding="utf-8")
    return path


def tiny_text_command(folder: Path, task: str, out: str, **changes: Any) -> list[str]:
    """The command line that trains a model of one stack on the invented stories."""
    side = "target" if task == "next-word" else "source"
    numbers = TINY_TEXT | {f"n_{SIDE[task]}_layers": 1, f"{side}_vocab_size": 400} | changes
    given = [part for name, value in numbers.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    data = str(write_texts(folder / "stories.txt"))
    return ["train", "--task", task, "--data", data, "--out", str(folder / out), "--device", "cpu", *given]


def write_pairs(path: Path) -> Path:
    path.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    return path


def tiny_request(folder: Path, out: str, **changes: Any) -> Request:
    """A request to train on the invented pairs; `changes` are fields of the request or of the recipe."""
    own = {name: changes.pop(name) for name in list(changes) if name in Request.__dataclass_fields__}
    data = write_pairs(folder / "pairs.tsv")
    settings = {
        "preset": "zh-en",
        "data": [DataFile(data)],
        "out": folder / out,
        "device": "cpu",
        "changes": TINY | changes,
    }
    return Request(**settings | own)
