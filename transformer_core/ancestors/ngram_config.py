"""The shape of an n-gram model: how many n-grams there are, and how what was never seen gets its part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from transformer_core.ancestors.base import AncestorConfig
from transformer_core.glass.errors import ConfigError
from transformer_core.transformer.records import check_at_least, check_positive

Smoothing = Literal["add_k", "interpolation", "back_off", "kneser_ney"]


@dataclass(frozen=True, kw_only=True)
class NgramConfig(AncestorConfig):
    """The shape of a table of counts, and how it is read.

    Attributes:
        smoothing: the way to say something where nothing was seen.
        k: what add-k adds to every count.
        rows: how many n-grams there are of each order, from 1; as many orders as there are numbers.
        raw_discounts: the absolute discount of each order's counts.
        continuation_discounts: that of the numbers of different words in front, which Kneser-Ney takes for counts below
            the highest order.
        shares: for interpolation, each order's share of its own count.
    """

    family = "ngram"
    smoothing: Smoothing = "kneser_ney"
    k: float = 1.0
    rows: tuple[int, ...]
    raw_discounts: tuple[float, ...]
    continuation_discounts: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("rows", "raw_discounts", "continuation_discounts", "shares"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.smoothing not in get_args(Smoothing):
            raise ConfigError(
                f"smoothing must be one of {', '.join(get_args(Smoothing))}, not {self.smoothing!r}", field="smoothing"
            )
        check_at_least(self, "", vocab_size=max(self.pad_id, self.bos_id, self.eos_id) + 1, max_length=1)
        check_positive(self, "", "k")
        lengths = {len(self.rows), len(self.raw_discounts), len(self.continuation_discounts), len(self.shares)}
        if lengths != {self.order} or not self.order or self.rows[0] != self.vocab_size or self.vocab_size > 2**15:
            raise ConfigError(
                "an n-gram model has rows, discounts and a share for each order, the first with a row for each of at "
                f"most {2**15} words, not rows {self.rows} for {self.vocab_size} words",
                field="rows",
            )

    @property
    def order(self) -> int:
        """Words of the longest n-grams."""
        return len(self.rows)

    def cut(self, order: int) -> NgramConfig:
        """Return the same with the orders up to this one."""
        if not 1 <= order <= self.order:
            raise ConfigError(f"order must be from 1 to {self.order}, not {order}", field="order", value=order)
        names = ("rows", "raw_discounts", "continuation_discounts", "shares")
        return replace(self, **{name: getattr(self, name)[:order] for name in names})

    def discount(self, n: int) -> float:
        """Return D of the n-grams of order n: that of what is counted of them."""
        continued = self.smoothing == "kneser_ney" and n < self.order
        return (self.continuation_discounts if continued else self.raw_discounts)[n - 1]
