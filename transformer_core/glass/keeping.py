"""What keeps the values of a pass: all of them, or all but those that a plan spares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from transformer_core.glass.errors import RowError, ShapeError
from transformer_core.glass.hooks import Listener
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import position_axis, sites_by_key


class Keep:
    """Keeps what it hears: values that are passed once, and those that are passed row by row.

    Attributes:
        values: by key, in the order in which they came first; of those that come row by row, the first row.
        rows: of those, all rows by their number.
        edited: keys of the values that an edit replaced.
    """

    def __init__(self) -> None:
        self.values: dict[str, Tensor] = {}
        self.rows: dict[str, dict[int, Tensor]] = {}
        self.edited: dict[str, None] = {}

    def hear(self, key: str, x: Tensor, row: int | None = None) -> Tensor:
        """Keep a value, or one row of it, and return it."""
        values = self.values
        if row is None:
            if key in values:
                raise RowError(f"the value {key} was passed twice; a loop says at which row it is", key=key)
            values[key] = x
            return x
        rows = self.rows.setdefault(key, {})
        if row in rows:
            raise RowError(f"row {row} of {key} was passed twice", key=key)
        rows[row] = x
        values.setdefault(key, x)
        return x

    def whole(self, plan: Plan) -> dict[str, Tensor]:
        """Return the values by key, those that came row by row, in any order, with their axis of positions."""
        return self.values | {key: self._stacked(plan, key) for key in self.rows} if self.rows else self.values

    def _stacked(self, plan: Plan, key: str) -> Tensor:
        rows = self.rows[key]
        missing = set(range(max(rows) + 1)) - set(rows)
        if missing:
            raise RowError(f"row {min(missing)} of {key} was not passed, and row {max(rows)} was", key=key)
        return torch.stack([rows[row] for row in range(len(rows))], dim=position_axis(sites_by_key(plan)[key]) + 1)

    def editing(self, edit: Listener) -> Listener:
        """Return the listener that keeps what an edit answers."""

        def keep_edited(key: str, x: Tensor, *row: int) -> Tensor:
            answer = edit(key, x, *row)
            if answer.shape != x.shape:  # it might be spread over the other axis without a word
                raise ShapeError(
                    f"the edit of {key} has shape {tuple(answer.shape)}, and the value it replaces has "
                    f"{tuple(x.shape)}",
                    key=key,
                    found=tuple(answer.shape),
                    wanted=tuple(x.shape),
                )
            if answer is not x:
                self.edited[key] = None
            return self.hear(key, answer, *row)

        return keep_edited


class Sparing(Keep):
    """The same for a plan that spares some values: of these it notes that they came, and keeps those that are edited.

    What comes row by row is kept, too: an edit of a later row needs the earlier ones.
    """

    def __init__(self, spared: frozenset[str]) -> None:
        super().__init__()
        self._spared, self._nothing = spared, torch.empty(0)

    def hear(self, key: str, x: Tensor, row: int | None = None) -> Tensor:
        """Keep a value, or note that it came, and return it."""
        if row is None and key in self._spared and key not in self.edited:
            super().hear(key, self._nothing)
            return x
        return super().hear(key, x, row)

    def whole(self, plan: Plan) -> dict[str, Tensor]:
        """Return the values by key, without those that are spared."""
        return {key: value for key, value in super().whole(plan).items() if value is not self._nothing}


class WithoutBatch(Mapping[str, Tensor]):
    """The values of one sentence, each without its batch axis when it is read: all at once is a tenth of the pass."""

    def __init__(self, values: Mapping[str, Tensor]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Tensor:
        return self._values[key][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
