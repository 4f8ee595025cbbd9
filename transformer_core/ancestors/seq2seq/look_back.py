"""The attention of Bahdanau, Cho & Bengio (2015): v tanh(W s + U h), softmax, the weighed states.

Letters: B batch, Q query position, K key position, D width of states, queries and keys. There is one head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from transformer_core.ancestors.cells import Look
from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.masks import Mask, make_mask


class LookBack(nn.Module):
    """What the writer reads of all the reader's states before each word.

    In the code their W_a, U_a and v_a are W_Q, W_K and v, as in all attention here.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        bound = width**-0.5
        self.W_Q = nn.Parameter(torch.empty(width, width).uniform_(-bound, bound))
        self.W_K = nn.Parameter(torch.empty(width, width).uniform_(-bound, bound))
        self.v = nn.Parameter(torch.empty(width).uniform_(-bound, bound))
        self.asks = HookPoint()  # [B, Q, D]
        self.q = HookPoint()  # [B, 1, Q, D]
        self.k = HookPoint()  # [B, 1, K, D]
        self.scores_raw = HookPoint()  # [B, 1, Q, K]
        self.mask = HookPoint()  # [B, Q, K]
        self.scores = HookPoint()  # [B, 1, Q, K]
        self.weights = HookPoint()  # [B, 1, Q, K]
        self.z = HookPoint()  # [B, 1, Q, D]
        self.out = HookPoint()  # [B, Q, D]

    def over(self, memory: Tensor, mask: Mask) -> Look:
        """Return what looks at these states, once before each word; the keys are made at the first look.

        Args:
            memory: the reader's states, [B, K, D].
            mask: of one query over them.
        """
        keys, allowed = list[Tensor](), mask.allowed[:, 0]  # [B, K]

        def look(state: Tensor, t: int) -> Tensor:
            q = self.q((self.asks(state, row=t) @ self.W_Q)[:, None], row=t)  # [B, 1, D]
            if not keys:
                keys.append(self.k((memory @ self.W_K)[:, None]))  # [B, 1, K, D]
            scores = self.scores_raw(torch.tanh(q[:, :, None] + keys[0]) @ self.v, row=t)  # [B, 1, K]
            shown, found = self.mask(allowed, row=t), mask
            if shown is not allowed:  # a listener changed it: check it again
                found = make_mask(shown[:, None], scores.dtype)
            scores = self.scores(scores if found.additive is None else scores + found.additive[:, :, 0], row=t)
            weights = self.weights(scores.softmax(dim=-1), row=t)
            z = self.z((weights[:, :, None] @ memory[:, None])[:, :, 0], row=t)  # [B, 1, D]
            context: Tensor = self.out(z.sum(dim=1), row=t)
            return context

        return look
