"""How a few word vectors came to be: their rows at some moments of the training, kept beside the model. numpy only.

Letters: M moments, N words, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from transformer_core.glass.errors import DataError
from transformer_core.text.word_tokenizer import WordTokenizer

Array = NDArray[Any]
GROWTH = "growth.safetensors"
MOMENTS = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)  # shares of a training


@dataclass(frozen=True, eq=False)
class Growth:
    """Rows of a table at some moments of its training.

    Attributes:
        words: [N].
        shares: of the training, 0 before the first pair and 1 behind the last, [M].
        rows: float [M, N, D].
    """

    words: tuple[str, ...]
    shares: Array
    rows: Array

    def save(self, folder: Path) -> None:
        """Write it into the folder of a model, in half precision."""
        arrays: dict[str, Array] = {"rows": self.rows.astype(np.float16), "shares": self.shares.astype(np.float32)}
        save_file(arrays, folder / GROWTH, {"words": " ".join(self.words)})


def read_growth(folder: Path) -> Growth | None:
    """Return what lies in the folder of a model; None if nothing was kept.

    Raises:
        DataError: if the file is not what `Growth.save` wrote.
    """
    path = folder / GROWTH
    if not path.exists():
        return None
    try:
        with safe_open(path, "numpy") as file:
            words, rows, shares = file.metadata()["words"].split(), *(file.get_tensor(n) for n in ("rows", "shares"))
    except (SafetensorError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds no rows of a training ({error})", path=str(path)) from error
    if rows.shape[:2] != (len(shares), len(words)):
        raise DataError(f"{path} holds {rows.shape} rows of {len(words)} words", path=str(path))
    return Growth(tuple(words), shares.astype(np.float64), rows.astype(np.float64))


def known_words(path: Path, tokenizer: WordTokenizer) -> tuple[str, ...]:
    """Return the words of a file that have a vector; a line may begin with the name of a group and a colon.

    Raises:
        DataError: if the file cannot be read, or none of its words has a vector.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    words = [word for line in lines for word in line.rpartition(":")[2].split()]
    found = tuple(dict.fromkeys(word.lower() for word in words if tokenizer.id_of(word) is not None))
    if not found:
        raise DataError(f"no word of {path} has a vector", path=str(path))
    return found


class Watch:
    """Keeps rows of a table while it is trained."""

    def __init__(self, words: Sequence[str], tokenizer: WordTokenizer) -> None:
        """Begin with nothing; `words` are those whose rows are kept."""
        self._words, self._rows = tuple(words), [tokenizer.id_of(word) or 0 for word in words]
        self._kept: list[Array] = []

    def look(self, share: float, table: Array) -> None:
        """Keep the rows if the next moment has come; `share` of the training is done."""
        while len(self._kept) < len(MOMENTS) and share >= MOMENTS[len(self._kept)]:
            self._kept.append(np.array(table[self._rows]))

    @property
    def growth(self) -> Growth:
        """What was kept."""
        return Growth(self._words, np.array(MOMENTS[: len(self._kept)]), np.stack(self._kept))
