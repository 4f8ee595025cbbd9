"""Greedy and beam search write what Hugging Face's `generate` writes with the same weights, and score it the same."""

import pytest
import torch

from benchmarks.shapes import Shape
from transformer_core.decoding.decode import decode
from transformer_core.decoding.rules import GREEDY, Beam

pytestmark = pytest.mark.peers

SHAPE = Shape(n_layers=2, n_heads=2, d_model=16, vocab_size=19, max_length=24, n_tokens=5)
EARLY_STOPS = {"full": True, "unlikely": False, "impossible": "never"}
LONGEST = 14  # words, <s> not counted


def scaled(pair, factor):
    """Both sides with larger weights: fresh ones make all words about equally probable, and every choice a tie."""
    with torch.no_grad():
        for model in (pair.ours, pair.theirs):
            for parameter in {id(p): p for p in model.parameters()}.values():
                if parameter.requires_grad:  # Marian's sines are a frozen parameter
                    parameter.mul_(factor)
    return pair


@pytest.fixture(scope="module")
def gpt2():
    from benchmarks.core.peers import gpt2_pair

    pair = scaled(gpt2_pair(SHAPE), 5.0)
    pair.theirs.generation_config.pad_token_id = 0
    return pair


@pytest.fixture(scope="module")
def marian():
    from benchmarks.core.peers import marian_pair

    pair = scaled(marian_pair(SHAPE), 1.5)
    with torch.no_grad():  # `marian_pair` forbids the end
        pair.ours.head.b[2] = 6.0
        pair.theirs.final_logits_bias[0, 2] = 6.0
    return pair


def generate(model, ids, **options):
    """Their words and score."""
    with torch.inference_mode():
        found = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_length=1 + LONGEST,
            return_dict_in_generate=True,
            output_scores=True,
            **options,
        )
    return found.sequences[0].tolist(), getattr(found, "sequences_scores", None)


def without_padding(ids):
    return tuple(ids[: ids.index(2) + 1]) if 2 in ids else tuple(ids)


def prompts():
    generator = torch.Generator().manual_seed(1)
    return [torch.randint(3, SHAPE.vocab_size, (n,), generator=generator).tolist() for n in (1, 5, 2, 7, 3, 4)]


@pytest.mark.parametrize("rule", [GREEDY, Beam(width=3)], ids=str)
def test_the_models_end_some_sentences_and_not_others(gpt2, marian, rule):
    """Otherwise the comparisons below would not see how an end is treated."""
    written = [*decode(gpt2.ours, None, rule, prefixes=prompts(), max_length=LONGEST)]
    assert {one.stopped for one in written} == {"end", "limit"}
    written = [decode(marian.ours, torch.tensor([ids]), rule, max_length=LONGEST)[0] for ids in prompts()]
    assert {one.stopped for one in written} == {"end", "limit"}


class TestGreedy:
    def test_gpt2(self, gpt2):
        """Ours as one batch of prompts of different length, theirs one by one."""
        together = decode(gpt2.ours, None, prefixes=prompts(), max_length=LONGEST)
        for prompt, one in zip(prompts(), together, strict=True):
            ids, _ = generate(gpt2.theirs, torch.tensor([[1, *prompt]]), num_beams=1)
            assert one.ids == without_padding(ids[1:])

    def test_marian(self, marian):
        for prompt in prompts():
            ids, _ = generate(marian.theirs, torch.tensor([prompt]), num_beams=1)
            assert decode(marian.ours, torch.tensor([prompt]), max_length=LONGEST)[0].ids == without_padding(ids[1:])


@pytest.mark.parametrize("early_stop", EARLY_STOPS)
@pytest.mark.parametrize("length_penalty", [-0.5, 0.0, 2.0])
@pytest.mark.parametrize("width", [2, 5])
class TestBeam:
    def test_gpt2(self, gpt2, width, length_penalty, early_stop):
        rule = Beam(width=width, length_penalty=length_penalty, early_stop=early_stop)
        together = decode(gpt2.ours, None, rule, prefixes=prompts(), max_length=LONGEST)
        for prompt, one in zip(prompts(), together, strict=True):
            assert_found(one, *generate(gpt2.theirs, torch.tensor([[1, *prompt]]), **named(rule)))

    def test_marian(self, marian, width, length_penalty, early_stop):
        rule = Beam(width=width, length_penalty=length_penalty, early_stop=early_stop)
        for prompt in prompts():
            one = decode(marian.ours, torch.tensor([prompt]), rule, max_length=LONGEST)[0]
            assert_found(one, *generate(marian.theirs, torch.tensor([prompt]), **named(rule)))


def assert_found(one, ids, score):
    assert one.ids == without_padding(ids[1:])
    assert abs(one.tree.finished[0].score - float(score)) < 1e-4


def named(rule):
    """Our rule in the words of `generate`."""
    early_stopping = EARLY_STOPS[rule.early_stop]
    return {"num_beams": rule.width, "length_penalty": rule.length_penalty, "early_stopping": early_stopping}
