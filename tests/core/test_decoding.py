"""Greedy decoding: cached and batched, it writes what a plain loop over whole passes writes."""

import pytest
import torch

from tests.core.tiny import NORMS, SOURCE, make_config, make_model
from transformer_core.decoding import greedy

EOS, LIMIT = 2, 7


def plain_greedy(model, source, max_length):
    """One sentence, no cache: the whole pass again for every word."""
    written = []
    while len(written) < max_length and written[-1:] != [EOS]:
        logits = model(source[None], torch.tensor([[1, *written]]))
        written.append(int(logits[0, -1].argmax()))
    return written


def models(norm):
    """Random models that end some sentences early and run others into the limit."""
    for seed in range(3):
        model = make_model(make_config(norm_position=norm, output_bias=True, max_length=LIMIT), seed=seed)
        with torch.no_grad():
            model.head.b[EOS] = 3.0
        yield model


@pytest.mark.parametrize("norm", NORMS)
def test_it_writes_what_a_plain_loop_writes(norm):
    sources = torch.tensor([[3, 16, 7, 16, 2], [6, 9, 2, 0, 0], [4, 4, 12, 2, 0]])
    lengths = set()
    for model in models(norm):
        batched = greedy(model, sources)
        for source, written in zip(sources, batched, strict=True):
            assert written == plain_greedy(model, source[source != 0], LIMIT)
            assert EOS not in written[:-1]
            lengths.add(len(written))
    assert min(lengths) < LIMIT
    assert max(lengths) == LIMIT


def test_a_sentence_is_written_the_same_alone_and_in_a_batch():
    for model in models("post"):
        alone = [greedy(model, SOURCE[:1])[0], greedy(model, SOURCE[1:, :3])[0]]
        assert greedy(model, SOURCE) == alone


@pytest.mark.parametrize("max_length", [0, 1, 3])
def test_it_writes_at_most_as_many_words_as_asked(max_length):
    model = never_ending()
    assert [len(written) for written in greedy(model, SOURCE, max_length=max_length)] == [max_length] * 2


def test_the_models_own_limit_holds_whatever_is_asked():
    assert [len(written) for written in greedy(never_ending(), SOURCE, max_length=1000)] == [19, 19]


def never_ending():
    model = make_model(output_bias=True)
    with torch.no_grad():
        model.head.b[EOS] = -1e9
    return model


def test_a_model_that_ends_at_once_writes_the_end_only():
    model = never_ending()
    with torch.no_grad():
        model.head.b[EOS] = 1e9
    assert greedy(model, SOURCE) == [[EOS], [EOS]]
