"""A Transformer made of glass: every intermediate value of a real, trained model can be seen by its name.

    from transformer_core import load_model
    glass = load_model("zh-en")
    trace = glass.trace("我有一只猫")
    trace["decoder.2.cross_attn.weights"]

Importing this package loads neither torch nor a model; the names below do, when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformer_core.capture import run_with_trace
    from transformer_core.checkpoints import load_model
    from transformer_core.config import TransformerConfig
    from transformer_core.errors import GlassformerError
    from transformer_core.glass import Glass
    from transformer_core.hooks import listening
    from transformer_core.model import Transformer
    from transformer_core.sites import all_sites
    from transformer_core.tokenizer import Tokenizer
    from transformer_core.trace import Trace

_HOMES = {
    "Glass": "glass",
    "GlassformerError": "errors",
    "Tokenizer": "tokenizer",
    "Trace": "trace",
    "Transformer": "model",
    "TransformerConfig": "config",
    "all_sites": "sites",
    "listening": "hooks",
    "load_model": "checkpoints",
    "run_with_trace": "capture",
}

__all__ = [
    "Glass",
    "GlassformerError",
    "Tokenizer",
    "Trace",
    "Transformer",
    "TransformerConfig",
    "all_sites",
    "listening",
    "load_model",
    "run_with_trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
