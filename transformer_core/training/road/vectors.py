"""From texts to word vectors by negative sampling (Mikolov et al. 2013), many pairs at a time.

Letters: N pairs of a batch, C neighbours of a place, K noise words, T words of all texts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.ancestors.growth import Growth, Watch, known_words
from transformer_core.ancestors.word2vec import Word2Vec, Word2VecConfig, noise_shares, pull_and_push
from transformer_core.glass.arrays import as_array
from transformer_core.text.word_tokenizer import WordTokenizer, frequent_words
from transformer_core.training.recipe import Recipe
from transformer_core.training.road.chinese import LANGUAGE, chinese_words

Array = NDArray[Any]
SHARED_NOISE = 64  # noise words that all pairs of a batch share, each counting the less for it
EPS = 1e-8
CHUNK = 1 << 21  # words at whose pairs is looked at a time


def train_vectors(
    recipe: Recipe, documents: Sequence[str], tell: Callable[[int, float, float], None], watched: Path | None = None
) -> tuple[Word2Vec, WordTokenizer, Growth | None]:
    """Return the vectors of the most frequent words of these documents, and the tokenizer that knows these words.

    Beside them, how the vectors of the watched words came to be.

    Rare words are left out before windows are laid, and frequent ones often (section 2.3); a window is drawn smaller
    than it may be, so that nearer words count more. The rate falls to a ten-thousandth. The
    paper takes one pair after the other; here many go together, by Adagrad.

    Args:
        recipe: with the width, the window, the noise and the passes.
        documents: no window reaches from one into another.
        tell: is told the pass, the mean loss of a pair in it, and the seconds since the beginning.
        watched: a file of words; None for none.
    """
    tokenizer = _words(recipe, documents)
    numbers = np.array([0] * tokenizer.first_piece + list(tokenizer.counts), dtype=np.float64)
    ids = np.array([i for text in documents for i in (*tokenizer.encode(text), -1)], dtype=np.int64)
    torch.manual_seed(recipe.seed)
    dice, config = np.random.default_rng(recipe.seed), recipe.config(0, tokenizer.vocab_size)
    assert isinstance(config, Word2VecConfig)
    model = Word2Vec(config)
    v, u = model.embed.W_E.detach(), model.get_parameter("head.W").detach()
    noise, kept = noise_shares(tokenizer), _kept(numbers, recipe.subsample)
    watch = None if watched is None else Watch(known_words(watched, tokenizer), tokenizer)
    of_v, of_u = torch.zeros_like(v), torch.zeros_like(u)
    start, passes, bag = time.monotonic(), recipe.epochs or 1, recipe.family == "word2vec-cbow"
    for number in range(passes):
        loss, n_pairs = 0.0, 0
        chosen = ids[(ids < 0) | (dice.random(len(ids)) < kept[ids])]
        for first in range(0, len(chosen), CHUNK):
            part = chosen[first : first + CHUNK]
            over = (number + first / len(chosen)) / passes
            ahead = len(part) / len(chosen) / passes
            batches = list(_batches(part, recipe, dice, bag=bag))
            for i, (read, near) in enumerate(batches):
                done = over + ahead * i / len(batches)
                rate = recipe.peak_rate * max(1e-4, 1 - done)
                if watch is not None:
                    watch.look(done, as_array(v))
                drawn = torch.multinomial(noise, SHARED_NOISE, replacement=True)
                weight = recipe.negatives / SHARED_NOISE
                pull = pull_and_push(v, u, read, near, drawn, weight=weight)
                _step(v, of_v, pull.v_rows, pull.v_grads, rate)
                _step(u, of_u, pull.u_rows, pull.u_grads, rate)
                loss, n_pairs = loss + float(pull.loss), n_pairs + len(near)
        tell(number + 1, loss / max(1, n_pairs), time.monotonic() - start)
    if watch is None:
        return model.eval(), tokenizer, None
    watch.look(1.0, as_array(v))
    return model.eval(), tokenizer, watch.growth


def _words(recipe: Recipe, documents: Sequence[str]) -> WordTokenizer:
    if recipe.target == LANGUAGE:
        return chinese_words(documents, recipe.target_vocab_size)
    return frequent_words(documents, recipe.target_vocab_size, str(recipe.target))


def _step(table: Tensor, memory: Tensor, rows: Tensor, grads: Tensor, rate: float) -> None:
    """Take a step of Adagrad (Duchi, Hazan & Singer 2011): pairs of a batch that share a word do not overshoot."""
    touched, place = torch.unique(rows, return_inverse=True)
    total = grads.new_zeros(len(touched), grads.shape[1]).index_add_(0, place, grads)
    squares = memory[touched].addcmul_(total, total)
    memory[touched] = squares
    table.index_add_(0, touched, total / (squares.sqrt() + EPS), alpha=-rate)


def _kept(numbers: Array, subsample: float) -> Array:
    """How often a word stays, by id: the whole of a rare one, sqrt(t / f) of a frequent one (section 2.3)."""
    share = numbers / numbers.sum()
    return np.minimum(1.0, np.sqrt(subsample / np.maximum(share, 1e-12)))


def _batches(ids: Array, recipe: Recipe, dice: np.random.Generator, *, bag: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of a part of the texts, in random order: what is read, [N] or [N, C], and the neighbour, [N]."""
    read, near = _bags(ids, recipe.window, dice) if bag else _pairs(ids, recipe.window, dice)
    order, size = dice.permutation(len(near)), recipe.batch_tokens
    for first in range(0, len(order), size):
        rows = order[first : first + size]
        yield torch.from_numpy(read[rows]), torch.from_numpy(near[rows])


def _pairs(ids: Array, window: int, dice: np.random.Generator) -> tuple[Array, Array]:
    """Every word with each of its neighbours."""
    texts, reach = np.cumsum(ids < 0), dice.integers(1, window + 1, size=len(ids))
    read, near = [], []
    for far in range(1, window + 1):
        one, other = np.arange(len(ids) - far), np.arange(far, len(ids))
        inside = (texts[one] == texts[other]) & (ids[one] >= 0) & (ids[other] >= 0)
        for centre, neighbour in ((one, other), (other, one)):
            rows = inside & (reach[centre] >= far)
            read.append(ids[centre[rows]])
            near.append(ids[neighbour[rows]])
    return np.concatenate(read), np.concatenate(near)


def _bags(ids: Array, window: int, dice: np.random.Generator) -> tuple[Array, Array]:
    """All neighbours of every word that has one, -1 where there is none, and the word."""
    texts, reach = np.cumsum(ids < 0), dice.integers(1, window + 1, size=len(ids))
    columns = []
    for far in (*range(-window, 0), *range(1, window + 1)):
        place = np.arange(len(ids)) + far
        there = (place >= 0) & (place < len(ids)) & (reach >= abs(far))
        place = place.clip(0, len(ids) - 1)
        there &= (texts[place] == texts) & (ids[place] >= 0)
        columns.append(np.where(there, ids[place], -1))
    bags = np.stack(columns, axis=1)
    some = (ids >= 0) & (bags >= 0).any(axis=1)
    return bags[some], ids[some]
