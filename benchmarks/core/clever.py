"""What each clever part of the core saves: the same work with it and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import Tensor, nn

from benchmarks import shapes
from benchmarks.results import Row
from benchmarks.timing import interleaved
from transformer_core.glass.hooks import HookPoint
from transformer_core.training.steps.loss import smoothed_cross_entropy
from transformer_core.transformer.model import Transformer

N_WORDS, D_MODEL, N_ENTRIES, SMOOTHING = 1024, 192, 5500, 0.1  # a batch of the bundled models


def clever_rows(rounds: int = 30) -> list[Row]:
    """Return a row for each part, with it / without it: below 1 it is worth its lines."""
    return [*_pass_rows(rounds), _loss_row(max(2, rounds // 3))]


def _pass_rows(rounds: int) -> list[Row]:
    shape = shapes.SMALL
    torch.manual_seed(0)
    model = Transformer(shape.config()).eval()
    searching = deepcopy(model)
    for module in searching.modules():
        for name, _ in module.named_children():
            del vars(module)[name]
    source, target = torch.randint(3, shape.vocab_size, (2, 1, shape.n_tokens))

    @torch.inference_mode()
    def run(one: Transformer) -> Tensor:
        return one(source, target)

    def by_module_call() -> Tensor:
        with _hook_points_called_as_modules():
            return run(model)

    assert torch.equal(run(model), run(searching))
    assert torch.equal(run(model), by_module_call())
    sides = {"ours": lambda: run(model), "children": lambda: run(searching), "hook": by_module_call}
    timing = interleaved(sides, rounds)
    return [
        Row(
            "children",
            f"a pass, children found by Python / by nn.Module: {shape}",
            1.0,
            timing.ratio("ours", "children"),
        ),
        Row("hook", f"a pass, hook points called bare / by nn.Module: {shape}", 1.0, timing.ratio("ours", "hook")),
    ]


@contextmanager
def _hook_points_called_as_modules() -> Iterator[None]:
    bare = HookPoint.__call__
    HookPoint.__call__ = nn.Module.__call__  # type: ignore[method-assign]
    try:
        yield
    finally:
        HookPoint.__call__ = bare  # type: ignore[method-assign]


def _loss_row(rounds: int) -> Row:
    torch.manual_seed(0)
    features, W = (torch.randn(n, D_MODEL, requires_grad=True) for n in (N_WORDS, N_ENTRIES))
    b, targets = torch.zeros(N_ENTRIES, requires_grad=True), torch.randint(N_ENTRIES, (N_WORDS,))

    def plain() -> Tensor:
        logits = nn.functional.linear(features, W, b)
        return nn.functional.cross_entropy(logits, targets, label_smoothing=SMOOTHING, reduction="sum")

    def ours() -> Tensor:
        return smoothed_cross_entropy(features, W, b, targets, SMOOTHING)

    def step(loss: Callable[[], Tensor]) -> tuple[Tensor, ...]:
        return torch.autograd.grad(loss(), (features, W, b))

    torch.testing.assert_close(step(ours), step(plain), rtol=1e-3, atol=1e-4)
    timing = interleaved({"ours": lambda: step(ours), "plain": lambda: step(plain)}, rounds)
    what = f"loss and gradient, ours / autograd's: {N_WORDS} words, d {D_MODEL}, {N_ENTRIES} entries"
    return Row("loss", what, 1.0, timing.ratio("ours", "plain"))
