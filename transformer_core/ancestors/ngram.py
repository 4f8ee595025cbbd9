"""N-gram models (Shannon 1948): what came next behind the last words, counted, and smoothed where nothing was seen.

Four ways: add-k (k = 1 is Laplace's), interpolation (Jelinek & Mercer 1980), backing off (Katz 1987, with the absolute
discount of Ney, Essen & Kneser 1994), and Kneser & Ney 1995, interpolated (Chen & Goodman 1999, section 2.7).

Letters: B batch, L position, V vocabulary, R n-grams of one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from transformer_core.ancestors.base import Ancestor, State
from transformer_core.ancestors.counting import Grams, discount
from transformer_core.ancestors.ngram_config import NgramConfig
from transformer_core.ancestors.ngram_plan import VALUES, ngram_plan
from transformer_core.ancestors.parts import Window
from transformer_core.glass.errors import ConfigError
from transformer_core.glass.hooks import HookPoint
from transformer_core.glass.model import Head


class Order(nn.Module):
    """The n-grams of one order, and what they say of the next word.

    Parameters:
        ids [R]: the last word of each n-gram; not of order 1, whose row number it is.
        counts [R]: how often each occurs.
        continuations, followers [R]: as in `Grams`; not of the highest order.
    """

    def __init__(self, n: int, config: NgramConfig) -> None:
        super().__init__()
        self.n, self.config = n, config
        self.highest = n == config.order
        counts = torch.int32 if n < 3 else torch.int16  # no three words occur more than 32,767 times in a row
        kinds = {"ids": torch.int16, "counts": counts, "continuations": torch.int16, "followers": torch.int16}
        left_out = [*(["ids"] if n == 1 else []), *(["continuations", "followers"] if self.highest else [])]
        for name, kind in kinds.items():
            if name not in left_out:
                zeros = torch.zeros(config.rows[n - 1], dtype=kind)
                self.register_parameter(name, nn.Parameter(zeros, requires_grad=False))
        for name in VALUES[config.smoothing]:
            self.add_module(name, HookPoint())

    def forward(self, counted: Tensor, lower: Tensor) -> Tensor:
        """Return the probability of each word.

        Shapes: counted [B, L, V], lower [B, L, V] or [] (the same of the order below) -> [B, L, V].
        """
        config, hook = self.config, self._hook
        count = hook("count")(counted)
        total = hook("total")(count.sum(-1, keepdim=True))
        some = total.clamp(min=1)
        if config.smoothing == "add_k":
            return hook("probs")((count + config.k) / (total + config.k * config.vocab_size))
        if config.smoothing == "interpolation":
            share = config.shares[self.n - 1]
            return hook("probs")(torch.where(total > 0, share * count / some + (1 - share) * lower, lower))
        d = self.discount
        seen = hook("seen")(count > 0)
        types = hook("types")(seen.sum(-1, keepdim=True).to(count))
        rest = hook("rest")(torch.where(total > 0, d * types / some, 1.0))
        if config.smoothing == "kneser_ney":
            return hook("probs")((count - d).clamp(min=0) / some + rest * lower)
        covered = hook("covered")((seen * lower).sum(-1, keepdim=True))
        share_of_rest = hook("share")(rest / (1 - covered))
        return hook("probs")(torch.where(count > 0, (count - d) / some, share_of_rest * lower))

    @property
    def discount(self) -> float:
        """D of this order: that of what it counts."""
        return self.config.discount(self.n)

    @property
    def counts_read(self) -> Tensor:
        """The numbers that stand for the counts: Kneser-Ney's lower orders count the words in front."""
        continued = self.config.smoothing == "kneser_ney" and not self.highest
        found: Tensor = getattr(self, "continuations" if continued else "counts")
        return found

    def _hook(self, name: str) -> HookPoint:
        hook: HookPoint = getattr(self, name)
        return hook


class LogHead(Head):
    """The logits of probabilities: their logarithms, whose softmax they are."""

    def __init__(self) -> None:
        super().__init__()
        self.W = self.b = None
        self.logits = HookPoint()  # [B, L, V]

    def forward(self, x: Tensor) -> Tensor:
        """Return the logarithms: [B, L, V] -> [B, L, V]."""
        logits: Tensor = self.logits(x.log())
        return logits

    def transformed(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


class Ngram(Ancestor):
    """Says the next word by counts."""

    config: NgramConfig

    one: Tensor

    def __init__(self, config: NgramConfig) -> None:
        super().__init__(config, ngram_plan(config))
        self.embed = Window(max(1, config.order - 1), config.bos_id)
        self.orders = [Order(n, config) for n in range(1, config.order + 1)]
        for one in self.orders:
            self.add_module(f"order{one.n}", one)
        self.head = LogHead()
        self.register_buffer("one", torch.ones(()), persistent=False)  # of the precision in which it computes
        self._keys: list[Tensor] = []
        self._finish()

    @classmethod
    def counted(cls, grams: Sequence[Grams], *, shares: Sequence[float] = (), **about: Any) -> Ngram:
        """Return the model of these counts.

        Args:
            grams: of each order, from 1.
            shares: of each order, for interpolation; halves by default.
            about: further fields of the config.
        """
        config = NgramConfig(
            vocab_size=len(grams[0].keys),
            rows=tuple(len(one.keys) for one in grams),
            raw_discounts=tuple(discount(one.counts) for one in grams),
            continuation_discounts=tuple(discount(one.continuations) for one in grams),
            shares=tuple(shares or [0.5] * len(grams)),
            **about,
        )
        model = cls(config)
        with torch.no_grad():
            for order, one in zip(model.orders, grams, strict=True):
                told = {"ids": one.keys % config.vocab_size, "counts": one.counts}
                told |= {"continuations": one.continuations, "followers": one.followers}
                for name, parameter in order.named_parameters():
                    numbers = torch.from_numpy(told[name])
                    if len(numbers) and int(numbers.max()) > torch.iinfo(parameter.dtype).max:
                        raise ConfigError(f"order {order.n} has {name} above {parameter.dtype}", field=name)
                    parameter.copy_(numbers)
        return model.eval()

    def smoothed(self, order: int | None = None, **changes: Any) -> Ngram:
        """Return a model that reads the same tables in another way; no count is copied.

        Args:
            order: words of its longest n-grams; as many as here by default.
            changes: `smoothing`, `k`, `shares`.

        Raises:
            ConfigError: if there is no such order or way.
        """
        model = Ngram(replace(self.config.cut(order or self.config.order), **changes))
        for mine, other in zip(self.orders, model.orders, strict=False):
            for name, _ in list(other.named_parameters()):
                setattr(other, name, getattr(mine, name))
        model._keys = self._all_keys()[: model.config.order]
        return model.to(self.one.dtype).eval()

    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Return the probability of each word at every position, and the last words: as in `Ancestor.read`."""
        window, behind = self.embed(ids, state, real)
        probs = self.one / self.config.vocab_size
        only = self.config.order if self.config.smoothing == "add_k" else 1
        for order in self.orders[only - 1 :]:
            probs = order(self._counts(window, order), probs)
        return probs, behind

    def counts_behind(self, ids: Tensor) -> Tensor:
        """Return how often each word stood behind the words at every position, by the longest n-grams: -> [B, L, V]."""
        return self._counts(self.embed(ids, None, None)[0], self.orders[-1])

    def _counts(self, window: Tensor, order: Order) -> Tensor:
        """The counts of each word behind each window, [B, L, V]."""
        V, n = self.config.vocab_size, order.n
        counts = order.counts_read
        if n == 1:
            return counts.to(self.one.dtype).expand(*window.shape[:2], V)
        keys, context = self._all_keys()[n - 1], torch.zeros_like(window[..., 0])
        for k in range(n - 2, -1, -1):
            context = context * V + window[..., k]
        first, behind = (torch.searchsorted(keys, (context + more) * V).flatten() for more in (0, 1))
        widths = behind - first
        places = torch.repeat_interleave(torch.arange(len(widths), device=keys.device), widths)
        ends = widths.cumsum(0)
        rows = torch.arange(len(places), device=keys.device) + (first - ends + widths)[places]
        found = self.one.new_zeros(len(widths), V)
        found[places, keys[rows] % V] = counts[rows].to(found)
        return found.view(*window.shape[:2], V)

    def _all_keys(self) -> list[Tensor]:
        """The words of every n-gram as one number, by order; built when they are first asked for."""
        if not self._keys:
            keys = [torch.arange(self.config.vocab_size, device=self.device)]
            for below, order in zip(self.orders, self.orders[1:], strict=False):
                followers, ids = below.get_parameter("followers"), order.get_parameter("ids")
                keys.append(torch.repeat_interleave(keys[-1], followers.long()) * len(keys[0]) + ids)
            self._keys = keys
        return self._keys
