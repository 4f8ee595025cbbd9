"""A Transformer made of glass: every intermediate value of a real, trained model can be seen by its name.

    from transformer_core import load_model
    glass = load_model("zh-en")
    trace = glass.trace("我有一只猫")
    trace["decoder.2.cross_attn.weights"]

Importing this package loads neither torch nor a model; its names do, when they are first used (a lazy face). The names
stand once, in `__init__.pyi`.
"""

from __future__ import annotations

import ast
import os
from importlib import import_module
from pathlib import Path
from typing import Any

# A trace keeps what it computes, so its memory is always new. On Linux that comes in pages of 4 KiB, one fault each, or
# of 2 MiB if PyTorch asks for them, which it decides at its first large tensor. What the user has decided stays.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

_HOMES = {
    name.name: line.module or ""
    for line in ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")).body
    if isinstance(line, ast.ImportFrom)
    for name in line.names
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
