"""The words of Chinese texts, which no spaces tell: found by jieba, and cut finer where it takes two for one.

Only a training needs jieba: the tokenizer that is made here cuts a text, that of the training too, by what it counted.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence

from transformer_core.glass.files.assets import missing
from transformer_core.text.normalise import normalise
from transformer_core.text.word_tokenizer import WordTokenizer

LANGUAGE = "zh"
CHANCE, ROUNDS = 5.0, 2  # times as often as by chance, at least, two words stand together that are one
PARTS = 5  # times, at least, of the parts of a word that is cut apart
# A number, and what is counted by it: a measure word, or a unit.
_NUMBER = re.compile(
    "([一二两三四五六七八九十百千万几]+)([个只条本张件杯次天年岁块位把名辆座颗间瓶头支家场周班台份双套部首门棵片句遍声站月点分种群"
    "封层楼步口项幅节堂束顿碗滴串盒袋包排副根朵匹架艘篇]|小时|分钟|点钟|公里|公斤|美元|日元|星期|个月|点半)"
)
_WORDS = frozenset(("一点", "千万"))  # that only look like a number and what it counts


def chinese_words(documents: Sequence[str], most: int) -> WordTokenizer:
    """Return the tokenizer of the most frequent words of Chinese texts, with how often each of them occurs.

    A number and what it counts ("三个") are two words. So is what jieba takes for one ("我会") if its parts stand
    together hardly more often than by chance: the score of phrases of Mikolov et al. 2013, section 4.

    Raises:
        MissingPackageError: if jieba is not installed, which the extra "train" asks for.
    """
    texts = [_cut(normalise(document, LANGUAGE)) for document in documents]
    for _ in range(ROUNDS):
        apart = _apart(Counter(word for words in texts for word in words))
        texts = [[part for word in words for part in apart.get(word, (word,))] for words in texts]
    counts = Counter(word for words in texts for word in words)
    order = sorted(counts, key=lambda word: (-counts[word], word))[:most]
    return WordTokenizer(LANGUAGE, order, [counts[word] for word in order])


def _cut(text: str) -> list[str]:
    """The words of a text as jieba finds them, numbers apart; without marks and digits."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is old, and Python says so
            import jieba
    except ImportError as error:
        raise missing("jieba", "train") from error
    jieba.setLogLevel("WARNING")
    words: list[str] = []
    for word in jieba.lcut(text):
        number = None if word in _WORDS else _NUMBER.fullmatch(word)
        words += number.groups() if number else [word.lower()] if any(map(str.isalpha, word)) else []
    return words


def _apart(counts: Counter[str]) -> dict[str, tuple[str, str]]:
    """The words that are two, with the two: those of its ways to be cut whose parts are most frequent."""
    total, found = sum(counts.values()), {}
    for word, count in counts.items():
        ways = [(word[:i], word[i:]) for i in range(1, len(word))]
        chance = {way: counts[way[0]] * counts[way[1]] for way in ways if min(counts[way[0]], counts[way[1]]) >= PARTS}
        way = max(chance, key=chance.__getitem__, default=None)
        if way is not None and count * total < CHANCE * chance[way]:
            found[word] = way
    return found
