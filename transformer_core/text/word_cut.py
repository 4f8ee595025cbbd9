"""Where a text without spaces between its words is cut: into the words of a list that are together most probable."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

# A word in Latin letters, or letters of any other kind in a row.
_RUN = re.compile(r"[A-Za-zÀ-ɏ]+|[^\W\d_A-Za-zÀ-ɏ]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


class WordCut:
    """Cuts a text such that the product of its words' shares is largest (a unigram model; Viterbi's way of search).

    A character that is in no word of the list stands alone, and is less probable than the rarest word.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Begin with how often each word was counted."""
        total = sum(counts.values())
        self._logs = {word: math.log(count / total) for word, count in counts.items() if count}
        self._longest = max(map(len, self._logs), default=1)
        self._unknown = min(self._logs.values(), default=0.0) - math.log(max(2, total))

    def __call__(self, text: str) -> list[str]:
        """Return the words of a text, without marks and digits."""
        return [word for run in _RUN.findall(text) for word in ([run] if _LATIN.match(run) else self._words(run))]

    def _words(self, run: str) -> list[str]:
        best: list[tuple[float, int]] = [(0.0, 0)]  # of what ends here: how probable, and where its last word begins
        for end in range(1, len(run) + 1):
            begins = range(max(0, end - self._longest), end)
            known = [(best[i][0] + self._logs[run[i:end]], i) for i in begins if run[i:end] in self._logs]
            best.append(max(known, default=(best[end - 1][0] + self._unknown, end - 1)))
        found, end = [], len(run)
        while end:
            begin = best[end][1]
            found.append(run[begin:end])
            end = begin
        return found[::-1]
