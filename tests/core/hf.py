"""Models of Hugging Face, made tiny, with random weights, and in double precision where a test asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import torch

STD = 0.4


def hf() -> Any:
    """Hugging Face's library: its import takes seconds, which a run of other tests need not wait for."""
    import transformers

    return transformers


def maker(model: str, config: str, **fields: Any) -> Callable[..., Any]:
    """Return what makes one of their models; what it is given are further fields of its config."""

    def make(**more: Any) -> Any:
        made = getattr(hf(), config)(attn_implementation="eager", **fields, **more)
        return getattr(hf(), model)(made)

    return make


def with_random_weights(theirs: Any) -> Any:
    """Return one of their models in eval mode, with weights that matter: fresh norms are 1 and 0."""
    with torch.no_grad():
        for name, weight in theirs.eval().named_parameters():
            if "embed_positions" in name:
                check_waves(weight)
                continue
            noise = torch.randn_like(weight)
            norm = "norm" in name.lower() or "ln_" in name
            weight.add_(0.3 * noise) if norm else weight.copy_(STD * noise)
        if hasattr(theirs, "final_logits_bias"):
            theirs.final_logits_bias.copy_(torch.randn_like(theirs.final_logits_bias))
    return theirs


def check_waves(table: torch.nn.Parameter) -> None:
    """Their table is rounded to single precision; here it gets its digits."""
    length, width = table.shape
    angles = np.arange(length)[:, None] / 10000 ** (2 * np.arange(width // 2) / width)
    exact = torch.tensor(np.concatenate((np.sin(angles), np.cos(angles)), axis=1))
    torch.testing.assert_close(table.double(), exact, rtol=0, atol=1e-7)
    table.copy_(exact)


class _Double:
    """The module torch, in which single precision is double: some of their steps ask for float32 by name."""

    def __getattr__(self, name: str) -> Any:
        return torch.float64 if name in ("float32", "float") else getattr(torch, name)


@contextmanager
def doubled() -> Iterator[None]:
    """Let their models be made and run in float64 throughout."""
    from transformers import modeling_rope_utils
    from transformers.models.llama import modeling_llama
    from transformers.models.mistral import modeling_mistral
    from transformers.models.mt5 import modeling_mt5
    from transformers.models.qwen2 import modeling_qwen2
    from transformers.models.t5 import modeling_t5

    modules = (modeling_rope_utils, modeling_llama, modeling_mistral, modeling_mt5, modeling_qwen2, modeling_t5)
    patches = [mock.patch.object(module, "torch", _Double()) for module in modules]
    patches.append(mock.patch.object(torch.Tensor, "float", torch.Tensor.double))
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
        torch.set_default_dtype(before)
