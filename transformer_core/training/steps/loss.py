"""Cross entropy with label smoothing over the written words, and its gradient, in one pass over the vocabulary.

Letters: N written words (padding left out), D d_model, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from transformer_core.glass.model import Head

ROWS = 128  # words whose logits are alive at once: at 5,500 entries 2.8 MB, which stays in the cache


def smoothed_cross_entropy(features: Tensor, W: Tensor, b: Tensor | None, targets: Tensor, smoothing: float) -> Tensor:
    """The summed loss of `features @ W.T + b` against `targets`: `F.cross_entropy(..., label_smoothing)`.

    The expected distribution is (1 - smoothing) on the target plus smoothing / V on every entry (Szegedy et al. 2016).

    Shapes: features [N, D], W [V, D], b [V] or None, targets [N] -> [].
    """
    if features.device.type == "cpu" and not torch.is_autocast_enabled("cpu"):
        loss: Tensor = _FusedLoss.apply(features, W, b, targets, smoothing)  # type: ignore[no-untyped-call]
        return loss
    logits = nn.functional.linear(features, W, b).float()  # [N, V]
    return nn.functional.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")


def told_loss(head: Head, features: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """The summed loss of what a head says of last vectors, `smoothed_cross_entropy` where it multiplies by a table.

    Shapes: features [N, D], targets [N] -> [].
    """
    if head.W is None:
        return nn.functional.cross_entropy(head(features), targets, label_smoothing=smoothing, reduction="sum")
    return smoothed_cross_entropy(head.transformed(features), head.W, head.b, targets, smoothing)


class _FusedLoss(torch.autograd.Function):
    """Loss and gradients together, a block of words at a time.

    The gradient of the logits is softmax - (1 - smoothing) onehot - smoothing / V. Only the softmax needs N x V cells,
    and they never leave the cache; the other two terms are added to the gradients at the end, as rows of W and as sums.
    On one core that takes two thirds of the time of autograd's way.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, W: Tensor, b: Tensor | None, targets: Tensor, smoothing: float) -> Tensor:
        n_words, vocab = features.shape[0], W.shape[0]
        d_features, d_W = torch.empty_like(features), torch.zeros_like(W)
        d_b = None if b is None else torch.zeros_like(b)
        block = features.new_empty(min(ROWS, n_words), vocab)
        loss = features.new_zeros(())
        for start in range(0, n_words, ROWS):
            rows = slice(start, start + ROWS)
            loss += _softmax_part(features[rows], W, b, targets[rows], smoothing, block, d_features[rows], d_W, d_b)
        even = smoothing / vocab
        summed_W, summed_features = W.sum(0), features.sum(0)
        loss -= even * (summed_features @ summed_W)
        d_features.sub_(even * summed_W).sub_(W[targets], alpha=1 - smoothing)
        d_W.sub_(even * summed_features).index_add_(0, targets, features, alpha=-(1 - smoothing))
        if b is not None and d_b is not None:
            loss -= even * n_words * b.sum()
            d_b.sub_(even * n_words).index_add_(0, targets, torch.ones_like(features[:, 0]), alpha=-(1 - smoothing))
        ctx.save_for_backward(d_features, d_W, d_b)
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        grad = grads[0]
        d_features, d_W, d_b = ctx.saved_tensors
        return d_features * grad, d_W * grad, None if d_b is None else d_b * grad, None, None


def _softmax_part(
    x: Tensor,
    W: Tensor,
    b: Tensor | None,
    targets: Tensor,
    smoothing: float,
    block: Tensor,
    d_x: Tensor,
    d_W: Tensor,
    d_b: Tensor | None,
) -> Tensor:
    """log-sum-exp minus the target's share, of one block of words; their softmax goes into the gradients.

    The softmax is never divided out: 1 / sum scales the two narrow factors instead of the wide one.
    """
    logits = torch.mm(x, W.T, out=block[: x.shape[0]])  # [n, V]
    if b is not None:
        logits += b
    highest = logits.amax(1, keepdim=True)
    of_target = logits.gather(1, targets[:, None])
    exps = logits.sub_(highest).exp_()
    total = exps.sum(1, keepdim=True)
    torch.mm(exps, W, out=d_x).div_(total)
    d_W.addmm_(exps.T, x / total)
    if d_b is not None:
        d_b.addmv_(exps.T, (1 / total)[:, 0])
    return (highest + total.log()).sum() - (1 - smoothing) * of_target.sum()
