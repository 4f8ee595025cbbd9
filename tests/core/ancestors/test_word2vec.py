"""Word2Vec: the update against plain numpy and autograd, the two tables in the glass, neighbours and analogies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.core.ancestors.opened import CLOSE, check_explained, edited
from transformer_core.ancestors.vectors import WordVectors, read_analogies
from transformer_core.ancestors.word2vec import (
    CBOWConfig,
    Word2Vec,
    Word2VecConfig,
    descend,
    noise_shares,
    pull_and_push,
)
from transformer_core.glass.abilities import abilities_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.trace import Trace
from transformer_core.text.hub_tokenizer import load_tokenizer
from transformer_core.text.word_tokenizer import WordTokenizer, frequent_words

V, D, RATE = 9, 3, 0.3
IDS = [3, 5, 8, 5, 4]
Array = NDArray[Any]


def by_hand(v: Array, u: Array, bags: list[list[int]], near: list[int], noise: list[list[int]]) -> None:
    """The step of word2vec.c, one pair after the other, with all gradients taken from the tables as they were."""
    old_v, old_u = v.copy(), u.copy()
    for bag, right, wrong in zip(bags, near, noise, strict=True):
        h = sum(old_v[word] for word in bag) / len(bag)
        moved = np.zeros(D)
        for word, label in [(right, 1.0), *((word, 0.0) for word in wrong)]:
            g = (label - 1 / (1 + np.exp(-h @ old_u[word]))) * RATE
            moved += g * old_u[word]
            u[word] += g * h
        for word in bag:
            v[word] += moved / len(bag)


@pytest.mark.parametrize("bag", [False, True])
def test_a_step_is_that_of_plain_numpy_and_of_autograd(bag: bool) -> None:
    rng = np.random.default_rng(0)
    v, u = rng.normal(size=(2, V, D))
    bags = [[3, 5, 5], [4], [8, 3]] if bag else [[3], [4], [3]]
    near, noise = [5, 5, 4], [[6, 7], [6, 5], [3, 3]]
    width = max(map(len, bags))
    read = torch.tensor([[*words, *[-1] * (width - len(words))] for words in bags])
    read = read if bag else read[:, 0]
    ours = [torch.tensor(one) for one in (v, u)]
    leaves = [one.clone().requires_grad_() for one in ours]
    h = torch.stack([leaves[0][words].mean(0) for words in bags])
    pairs = (h * leaves[1][near]).sum(-1), torch.einsum("nd,nkd->nk", h, leaves[1][torch.tensor(noise)])
    loss = -torch.nn.functional.logsigmoid(pairs[0]).sum() - torch.nn.functional.logsigmoid(-pairs[1]).sum()
    loss.backward()
    found = pull_and_push(*ours, read, torch.tensor(near), torch.tensor(noise))
    np.testing.assert_allclose(found.loss, loss.detach(), **CLOSE)
    descend(*ours, found, RATE)
    for one, leaf in zip(ours, leaves, strict=True):
        np.testing.assert_allclose(one, leaf.detach() - RATE * leaf.grad, **CLOSE)
    by_hand(v, u, bags, near, noise)
    np.testing.assert_allclose(ours[0], v, **CLOSE)
    np.testing.assert_allclose(ours[1], u, **CLOSE)


def test_noise_that_all_pairs_share_is_the_same_noise_for_each() -> None:
    torch.manual_seed(0)
    v, u = torch.randn(2, V, D, dtype=torch.float64)
    read, near, noise = torch.tensor([3, 4, 3]), torch.tensor([5, 5, 4]), torch.tensor([6, 7, 6])
    one, other = (v.clone(), u.clone()), (v.clone(), u.clone())
    descend(*one, pull_and_push(*one, read, near, noise, weight=0.4), RATE)
    descend(*other, pull_and_push(*other, read, near, noise.expand(3, 3), weight=0.4), RATE)
    for shared, alone in zip(one, other, strict=True):
        np.testing.assert_allclose(shared, alone, **CLOSE)


@pytest.mark.parametrize("kind", [Word2VecConfig, CBOWConfig])
def test_it_is_opened_by_the_glass(kind: type[Word2VecConfig], tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Word2Vec(kind(vocab_size=V, d_model=D, window=2)).double().eval()
    with torch.no_grad():
        model.head.W.normal_()
    trace = run_with_trace(model, target=IDS)
    check_explained(trace)
    assert abilities_of(trace.plan) == {"vectors"}
    v, u = (trace.parameters[name] for name in ("embed.W_E", "head.W"))
    around = [[j for j in range(5) if 0 < abs(i - j) <= 2] for i in range(5)]
    h = [v[[IDS[j] for j in near]].mean(0) for near in around] if kind is CBOWConfig else v[IDS]
    np.testing.assert_allclose(trace["head.probs"], 1 / (1 + np.exp(-(h @ u.T))), **CLOSE)
    assert edited(model, "zero:embed.out:1", IDS).changed == (True,)
    trace.save(tmp_path / "vectors.npz")
    np.testing.assert_array_equal(Trace.load(tmp_path / "vectors.npz")["head.probs"], trace["head.probs"])


def test_words_are_whole_and_those_without_a_vector_are_left_out(tmp_path: Path) -> None:
    made = frequent_words(["The cat's mat. The cat, the DOG!", "a dog"], 3, "en")
    assert (made.words, made.counts) == (("the", "cat", "dog"), (3, 2, 2))
    made.save(tmp_path / "words.json")
    back = load_tokenizer(tmp_path / "words.json")
    assert isinstance(back, WordTokenizer)
    assert back.counts == made.counts
    shares = np.array([0, 0, 0, 3, 2, 2]) ** 0.75
    np.testing.assert_allclose(noise_shares(made), shares / shares.sum(), **CLOSE)
    text = "The dog and THE cat?"
    assert made.pieces(made.encode(text)) == ("the", "dog", "the", "cat")
    assert (made.decode(made.encode(text)), made.unseen(text)) == ("the dog the cat", ("and",))


def test_the_inputs_of_an_analogy_are_shown_and_left_out_of_the_score(tmp_path: Path) -> None:
    words = WordTokenizer("en", ("man", "king", "woman", "queen", "egg"))
    table = np.array([[0, 0, 0]] * 3 + [[1, 0, 0], [1, 1, 0], [1, 0, 0.9], [1, 0.5, 0.8], [-1, 0, 0]])
    vectors = WordVectors(table, words)
    found = vectors.analogy("man", "king", "woman")
    assert {one.word for one in found if one.is_input} == {"man", "king", "woman"}
    assert next(one.word for one in found if not one.is_input) == "queen"
    assert vectors.nearest("Egg")[0].word == "egg"
    path = tmp_path / "questions.txt"
    path.write_text(": family\nMan King woman queen\nman king woman bishop\nman king woman egg\n", encoding="utf-8")
    questions = read_analogies(path)["family"]
    assert (len(questions), vectors.score_analogies(questions, 5)) == (3, (2, 1, 2))
    with pytest.raises(ArgumentError, match="5 words that have a vector, not str 'bishop'"):
        vectors.nearest("bishop")
