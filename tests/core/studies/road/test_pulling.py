"""A step of word2vec looked at from near by: numbers against autograd, noise as it is trained, an exact picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from transformer_core.ancestors.word2vec import Word2Vec, Word2VecConfig, noise_shares
from transformer_core.studies.road.pulling import draw_noise, plane_of, take_step
from transformer_core.text.word_tokenizer import WordTokenizer

RATE, CLOSE = 0.5, {"rtol": 0, "atol": 1e-12}
WORDS = WordTokenizer("en", ("the", "cat", "dog", "egg"), (70, 20, 8, 1))


@pytest.fixture
def model() -> Word2Vec:
    torch.manual_seed(0)
    made = Word2Vec(Word2VecConfig(vocab_size=7, d_model=4)).double().eval()
    with torch.no_grad():
        made.embed.W_E.normal_()
        made.head.W.normal_()
    return made


@pytest.mark.parametrize("read", [[3], [4, 6, 4]])
def test_every_number_of_a_step_is_that_of_autograd(model: Word2Vec, read: list[int]) -> None:
    words = [5, 6, 3, 6]  # a noise word may be drawn twice, and be one of those that are read
    v, u = (table.detach().clone().requires_grad_() for table in (model.embed.W_E, model.head.W))
    dots = u[words] @ v[read].mean(0)
    dots.retain_grad()
    (-torch.nn.functional.logsigmoid(dots[0]) - torch.nn.functional.logsigmoid(-dots[1:]).sum()).backward()
    step = take_step(model, read, words[0], words[1:], RATE)
    np.testing.assert_allclose(step.dots, dots.detach(), **CLOSE)
    np.testing.assert_allclose(step.sure, torch.sigmoid(dots.detach()), **CLOSE)
    np.testing.assert_allclose(step.pulls, dots.grad, **CLOSE)
    new_v, new_u = (table.detach() - RATE * table.grad for table in (v, u))
    np.testing.assert_allclose(step.h_after, new_v[read].mean(0), **CLOSE)
    np.testing.assert_allclose(step.u_after, new_u[words], **CLOSE)
    np.testing.assert_allclose(step.dots_after, new_u[words] @ new_v[read].mean(0), **CLOSE)


def test_across_the_plane_is_the_dot_product_and_words_move_nowhere_else(model: Word2Vec) -> None:
    step = take_step(model, [3], 4, [5, 6], RATE)
    plane = plane_of(step)
    length = np.linalg.norm(step.h)
    np.testing.assert_allclose(plane.u[:, 0] * length, step.dots, **CLOSE)
    np.testing.assert_allclose(plane.u_after[:, 1], plane.u[:, 1], **CLOSE)
    assert plane.u_after[0, 0] > plane.u[0, 0]
    assert (plane.u_after[1:, 0] < plane.u[1:, 0]).all()
    assert 0 < plane.share <= 1


def test_noise_is_drawn_as_in_training_and_the_same_for_the_same_seed() -> None:
    drawn = draw_noise(WORDS, 4000, 1)
    assert drawn == draw_noise(WORDS, 4000, 1) != draw_noise(WORDS, 4000, 2)
    np.testing.assert_allclose(np.bincount(drawn, minlength=7) / 4000, noise_shares(WORDS), atol=0.03)
