"""The decoder's reading side of a decoding: a batch of rows that grow, fork and end, with a KV cache.

Rows of different length are padded on the right, each with positions of its own; what is read later stands behind the
padding, which a mask hides.
Letters: N rows, n new ids of each, K all ids of each with padding, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from transformer_core.glass.guards.finite import check_logits
from transformer_core.glass.hooks import Listener, listening
from transformer_core.glass.model import Cache, LanguageModel

MakeListener = Callable[[Tensor | None, Tensor | None], Listener]
"""From the ids [N, S] and [N, K] that a pass reads to the listener that edits it."""


class Reader:
    """Reads ids row by row, and says what comes next.

    Attributes:
        lengths: how many ids each row has read.
    """

    def __init__(
        self,
        model: LanguageModel,
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
        self._caches: Sequence[Cache] | None = model.new_caches() if cached and not edit else None
        self._origins = list(range(n_rows))  # which source each row reads
        self._ids: Tensor | None = None  # [N, K], all that was read
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
        self._note_padding(rows, n)
        self.lengths = [length + len(row) for length, row in zip(self.lengths, rows, strict=True)]
        self._ids = new if self._ids is None else torch.cat((self._ids, new), dim=1)
        if self._caches is None:
            new = self._ids
        if self._edit is not None:
            assert self._real is None, "rows of different length cannot be edited"
            listener = self._edit(self._source, new)
            with listening(listener):
                edited: Tensor = self._model(self._source, new, padded=False)
            check_logits(self._model.plan, edited, lambda: self._model(self._source, new, padded=False), listener)
            return edited[:, -n:]
        x = self._model.decode(new, self._memory, self._source, self._caches, real=self._real)
        logits: Tensor = self._model.head(x[:, -n:])
        check_logits(self._model.plan, logits, self._read_alone)
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
        self._real = _selected(self._real, index)
        self._origins, self.lengths = origins, [self.lengths[row] for row in rows]

    def _read_alone(self) -> None:
        """Compute everything again, but without the cache."""
        assert self._ids is not None
        memory = None if self._source is None else self._model.encode(self._source)
        self._model.head(self._model.decode(self._ids, memory, self._source, real=self._real))

    def _note_padding(self, rows: Sequence[Sequence[int]], n: int) -> None:
        """Note which of the new ids are padding; nothing while all rows are alike."""
        if self._real is None and all(len(row) == n for row in rows):
            return
        assert self._real is not None or not any(self.lengths), "rows differ from the first read on, or never"
        real = self._tensor([[i < len(row) for i in range(n)] for row in rows])
        self._real = real if self._real is None else torch.cat((self._real, real), dim=1)

    def _tensor(self, values: Sequence[object]) -> Tensor:
        return torch.tensor(values, device=self._model.device)


def _selected(x: Tensor | None, index: Tensor) -> Tensor | None:
    return None if x is None else x.index_select(0, index)
