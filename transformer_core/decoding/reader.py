"""The decoder's reading side of a decoding: a batch of rows that grow, fork and end, with a KV cache.

Rows of different length are padded on the right, each with positions of its own; what is read later stands behind the
padding, which a mask hides.
Letters: N rows, n new ids of each, K all ids of each with padding, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from transformer_core.glass.finite import check_logits
from transformer_core.glass.hooks import Listener, listening
from transformer_core.transformer.layers import LayerCache
from transformer_core.transformer.model import Transformer

MakeListener = Callable[[Tensor | None, Tensor | None], Listener]
"""From the ids [N, S] and [N, K] that a pass reads to the listener that edits it."""


class Reader:
    """Reads ids row by row, and says what comes next.

    Attributes:
        lengths: how many ids each row has read.
    """

    def __init__(
        self,
        model: Transformer,
        source: Tensor | None,
        n_rows: int,
        *,
        cached: bool = True,
        edit: MakeListener | None = None,
    ) -> None:
        """Start with `n_rows` empty rows, as many as the source has.

        Args:
            model: with a decoder, in eval mode.
            source: ids [N, S], padded on the right; None without an encoder.
            n_rows: N.
            cached: whether to keep keys and values; without, everything is computed again at every step.
            edit: makes the listener that edits a pass over these ids; then every step is a whole pass without a cache,
                and the rows must be alike in length, without padding.
        """
        self._model, self._source, self._edit = model, source, edit
        self._memory = None if source is None or edit else model.encode(source)
        self._caches: list[LayerCache] | None = model.new_caches() if cached and not edit else None
        self._origins = list(range(n_rows))  # which source each row reads
        self._ids: Tensor | None = None  # [N, K], what an uncached reader reads again
        self._positions: Tensor | None = None  # [N, K]
        self._real: Tensor | None = None  # [N, K]; None as long as there is no padding
        self.lengths = [0] * n_rows

    @property
    def held(self) -> list[int]:
        """For each row how many of its positions the cache holds."""
        return [0] * len(self.lengths) if self._caches is None else [*self.lengths]

    def read(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Return the logits at the new ids; where a row has fewer than the others, the last ones mean nothing.

        Shapes: -> [N, n, V].

        Raises:
            NotFiniteError: if one of them is NaN or infinite; the message names the value where the first arose.
        """
        n = max(len(row) for row in rows)
        new = self._tensor([[*row, *[self._model.config.pad_id] * (n - len(row))] for row in rows])
        positions = self._place(rows, n)
        starts, self.lengths = self.lengths, [length + len(row) for length, row in zip(self.lengths, rows, strict=True)]
        if self._caches is None:
            self._ids = _joined(self._ids, new)
            self._positions = _joined(self._positions, positions)
            assert self._ids is not None
            new, positions = self._ids, self._positions
        if self._edit is not None:
            assert self._real is None, "rows of different length cannot be edited"
            listener = self._edit(self._source, new)
            with listening(listener):
                edited: Tensor = self._model(self._source, new, padded=False)
            check_logits(edited, lambda: self._model(self._source, new, padded=False), listener)
            return edited[:, -n:]
        x = self._model.decode(new, self._memory, self._source, self._caches, positions=positions, real=self._real)
        logits: Tensor = self._model.head(x[:, -n:])
        check_logits(logits, lambda: self._read_alone(new, starts))
        return logits

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; a row may be kept more than once, to go on in different ways."""
        if list(rows) == list(range(len(self.lengths))):
            return
        origins = [self._origins[row] for row in rows]
        index = self._tensor(rows)
        crossed = origins != self._origins  # branches that stay with their source share its keys and values
        for cache in self._caches or ():
            cache.select(index, crossed=crossed)
        if crossed:
            self._source = _selected(self._source, index)
            self._memory = _selected(self._memory, index)
        self._ids = _selected(self._ids, index)
        self._positions, self._real = _selected(self._positions, index), _selected(self._real, index)
        self._origins, self.lengths = origins, [self.lengths[row] for row in rows]

    def _read_alone(self, ids: Tensor, starts: Sequence[int]) -> None:
        """Compute everything again, but without the cache: these ids see no earlier ones."""
        last = self._model.config.max_length - 1
        begins = [0] * len(starts) if self._caches is None else starts
        places = [[min(begin + i, last) for i in range(ids.shape[1])] for begin in begins]
        memory = None if self._source is None else self._model.encode(self._source)
        self._model.head(self._model.decode(ids, memory, self._source, positions=self._tensor(places)))

    def _place(self, rows: Sequence[Sequence[int]], n: int) -> Tensor | None:
        """Return the positions of the new ids, and note which are padding; None while all rows are alike."""
        ragged = any(len(row) != n for row in rows)
        if not ragged and self._real is None:
            return None
        assert self._real is not None or not any(self.lengths), "rows differ from the first read on, or never"
        self._real = _joined(self._real, self._tensor([[i < len(row) for i in range(n)] for row in rows]))
        # Padding stands anywhere, as long as the table of positions goes so far.
        return self._tensor(
            [[length + min(i, len(row) - 1) for i in range(n)] for length, row in zip(self.lengths, rows, strict=True)]
        )

    def _tensor(self, values: Sequence[object]) -> Tensor:
        return torch.tensor(values, device=self._model.head.W.device)


def _selected(x: Tensor | None, index: Tensor) -> Tensor | None:
    return None if x is None else x.index_select(0, index)


def _joined(x: Tensor | None, new: Tensor | None) -> Tensor | None:
    return new if x is None or new is None else torch.cat((x, new), dim=1)
