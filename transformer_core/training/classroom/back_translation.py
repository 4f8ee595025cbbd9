"""Pairs out of texts of one language (Sennrich, Haddow & Birch 2016): a model of the other direction adds a source.

The texts are what a person wrote; only the source is a machine's. It begins with a sign that nobody types (Caswell,
Chelba & Grangier 2019), so that what is learned from it is kept apart from what people write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from transformer_core.models.glass import Glass
from transformer_core.text.tokenizer import own
from transformer_core.training.classroom.held_back import folded
from transformer_core.training.evaluate import translate

TAG = "◆"
_LENGTHS = (0.3, 3.0)  # tokens of the source to each of the text, beyond which something was lost or said again
_REPEATED = 3  # times that the same few tokens may not follow each other
_LONGEST_PERIOD = 4  # tokens


def back_translated(glass: Glass, texts: Iterable[str], known: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield (source, text) for each text of which the model makes a sound source, the source tagged.

    Args:
        glass: translates from the language of the texts.
        texts: each is taken once, however it is written.
        known: texts that have a real source already; they are left out.
    """
    source, target = own(glass.source_tokenizer), own(glass.target_tokenizer)
    assert source is not None
    assert target is not None
    fresh = list(_distinct(texts, {folded(text) for text in known}))
    for text, written in zip(fresh, translate(glass.model, source, target, fresh), strict=True):
        if sound(target.encode(written), source.encode(text)):
            yield TAG + written, text


def sound(written: Sequence[int], read: Sequence[int]) -> bool:
    """Whether a translation neither lost half of what was read nor fell into a loop; both in tokens."""
    least, most = _LENGTHS
    if not written or not least <= len(written) / max(1, len(read)) <= most:
        return False
    return not any(_loops(written, period) for period in range(1, _LONGEST_PERIOD + 1))


def _loops(ids: Sequence[int], period: int) -> bool:
    run = 0
    for one, other in zip(ids, ids[period:], strict=False):
        run = run + 1 if one == other else 0
        if run >= period * (_REPEATED - 1):
            return True
    return False


def _distinct(texts: Iterable[str], seen: set[str]) -> Iterator[str]:
    for text in texts:
        if (key := folded(text)) not in seen:
            seen.add(key)
            yield text
