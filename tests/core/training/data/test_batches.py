"""Batches of sentence pairs: every pair once an epoch, and the same for the same seed and epoch."""

import random
from collections import Counter
from collections.abc import Iterable

import pytest
import torch

from transformer_core.glass.errors import DataError
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.data.pairs import FINAL_MARKS, Batch, Batches

BATCH_TOKENS = 200


def make_pairs(count: int) -> list[tuple[str, str]]:
    """Sentence pairs of many lengths, each of them unique, nearly all with a final mark."""
    dice = random.Random(5)
    pairs = []
    for number in range(count):
        length = min(30, 2 + int(dice.expovariate(0.15)))
        source = "".join(dice.choice("天地人你我他") for _ in range(length)) + str(number)
        target = " ".join(dice.choice(["the", "cat", "sat", "on", "mats"]) for _ in range(length)) + f" {number}"
        mark = dice.choice(["。", "？", "！", ""])
        pairs.append((source + mark, target + "."))
    return pairs


PAIRS = make_pairs(600)
SOURCE = Tokenizer.train_characters([source for source, _ in PAIRS])
TARGET = Tokenizer.train_bpe([target for _, target in PAIRS], 420, language="en")


def make_batches(pairs: list[tuple[str, str]] = PAIRS, *, drop: float = 0.2, seed: int = 1, limit: int = 64) -> Batches:
    """Batches of the pairs."""
    return Batches(pairs, SOURCE, TARGET, batch_tokens=BATCH_TOKENS, max_length=limit, seed=seed, drop_final_mark=drop)


BATCHES = make_batches()


def same(left: Iterable[Batch], right: Iterable[Batch]) -> bool:
    """Whether both have the same batches in the same order."""
    left, right = list(left), list(right)
    return len(left) == len(right) and all(
        torch.equal(a, b)
        for one, other in zip(left, right, strict=True)
        for a, b in zip(one[:3], other[:3], strict=True)
    )


def rows(batches: Iterable[Batch]) -> Counter[tuple[str, str]]:
    """The pairs of texts in the batches, and how often each occurs."""
    return Counter(
        (SOURCE.decode(source.tolist()), TARGET.decode(written.tolist()))
        for batch in batches
        for source, written in zip(batch.source, batch.target_out, strict=True)
    )


def test_what_a_batch_holds() -> None:
    """Sources end with </s>, the decoder reads from <s> on and writes to </s>; padding is on the right."""
    (batch,) = make_batches([("天地。", "the cat."), ("人", "the")], drop=0.0).epoch(0)
    first, second = (0, 1) if int(batch.source[0, 1]) != SOURCE.eos_id else (1, 0)
    assert batch.source[first].tolist() == [*SOURCE.encode("天地。"), 2]
    assert batch.source[second].tolist() == [*SOURCE.encode("人"), 2, 0, 0]
    assert batch.target_in[first].tolist() == [1, *TARGET.encode("the cat.")]
    assert batch.target_out[first].tolist() == [*TARGET.encode("the cat."), 2]
    assert batch.target_in[second].tolist() == [1, *TARGET.encode("the"), 0, 0]
    assert batch.target_out[second].tolist() == [*TARGET.encode("the"), 2, 0, 0]
    assert {side.dtype for side in batch[:3]} == {torch.int64}


def test_an_epoch_has_every_pair_once() -> None:
    """Nothing is left out and nothing comes twice."""
    assert rows(make_batches(drop=0.0).epoch(3)) == Counter(PAIRS)


def test_the_same_seed_and_epoch_give_the_same_batches() -> None:
    """Whatever was asked before; another seed or epoch gives others."""
    other = make_batches()
    list(other.epoch(7))
    assert same(BATCHES.epoch(2), other.epoch(2))
    assert not same(BATCHES.epoch(2), BATCHES.epoch(3))
    assert not same(BATCHES.epoch(2), make_batches(seed=2).epoch(2))


def test_batches_come_in_no_order_of_length() -> None:
    """Batches of like lengths are spread over the epoch."""
    widths = [batch.target_in.shape[1] for batch in BATCHES.epoch(0)]
    assert widths != sorted(widths)
    assert widths != sorted(widths, reverse=True)


def test_batches_keep_to_their_tokens() -> None:
    """Padding counted, a batch has at most batch_tokens in the target and 1.3 times as many in the source."""
    for batch in BATCHES.epoch(0):
        assert batch.target_in.numel() <= BATCH_TOKENS
        assert batch.target_in.shape == batch.target_out.shape
        assert batch.source.numel() <= 1.3 * BATCH_TOKENS


def test_little_is_padding() -> None:
    """Pairs of like lengths share a batch: under a tenth of the target and a fifth of the source is padding."""
    batches = list(BATCHES.epoch(0))
    for side, most in ((0, 0.2), (2, 0.1)):
        cells = sum(batch[side].numel() for batch in batches)
        padding = sum(int((batch[side] == 0).sum()) for batch in batches)
        assert padding / cells < most


@pytest.mark.parametrize("world", [2, 3])
def test_processes_share_an_epoch(world: int) -> None:
    """Each process has as many batches as the others, and no pair is with two of them."""
    shares = [list(BATCHES.epoch(1, rank=rank, world=world)) for rank in range(world)]
    assert [len(share) for share in shares] == [BATCHES.count(1, world=world)] * world
    whole = list(BATCHES.epoch(1))
    assert BATCHES.count(1) == len(whole)
    kept = len(shares[0]) * world
    assert kept > len(whole) - world
    in_order = [batch for group in zip(*shares, strict=True) for batch in group]
    assert same(in_order, whole[:kept])


@pytest.mark.parametrize("world", [1, 2])
def test_an_epoch_goes_on_from_any_batch(world: int) -> None:
    """The rest of an epoch is the same as if it had not been interrupted, augmentation included."""
    whole = list(BATCHES.epoch(4, rank=world - 1, world=world))
    for start in (1, 5, len(whole) - 1, len(whole)):
        assert same(make_batches().epoch(4, start, rank=world - 1, world=world), whole[start:])


def test_final_marks_are_left_out_sometimes() -> None:
    """About as often as asked, only at the end and only in the source; others in each epoch."""
    marked = {source for source, _ in PAIRS if source.endswith(FINAL_MARKS)}
    lost = []
    for epoch in (0, 1):
        after = {target: source for source, target in rows(BATCHES.epoch(epoch))}
        assert set(after) == {target for _, target in PAIRS}
        for source, target in PAIRS:
            assert after[target] in (source, source[:-1] if source in marked else source)
        lost.append({source for source, target in PAIRS if after[target] != source})
        assert 0.12 < len(lost[-1]) / len(marked) < 0.28
    assert lost[0] != lost[1]


def test_final_marks_of_other_languages() -> None:
    """A mark is known with its French space and without; a sentence that is only a mark keeps it."""
    lines = ["Où est le chat ?", "Le chat est là.", "Le chat !"] * 20
    french = Tokenizer.train_bpe(lines, 400, language="fr")
    pairs = [("Où est le chat ?", "the"), ("Où est le chat?", "cat"), ("Le chat est là.", "sat"), ("!", "on")]
    (batch,) = Batches(
        pairs, french, TARGET, batch_tokens=BATCH_TOKENS, max_length=64, seed=1, drop_final_mark=1.0
    ).epoch(0)
    assert {french.decode(row.tolist()) for row in batch.source} == {"Où est le chat", "Le chat est là", "!"}


def test_no_byte_of_a_character_is_left_out() -> None:
    """A character whose last byte is that of an unseen final mark stays whole."""
    english = Tokenizer.train_bpe(["The cat."] * 5, 370, language="en")
    pairs = [("The cat\u4002", "the")]  # UTF-8 ends with 0x82, as that of the Chinese full stop does
    (batch,) = Batches(
        pairs, english, TARGET, batch_tokens=BATCH_TOKENS, max_length=64, seed=1, drop_final_mark=1.0
    ).epoch(0)
    assert english.decode(batch.source[0].tolist()) == "The cat\u4002"


def test_long_and_empty_pairs_are_dropped_and_counted() -> None:
    """A side takes at most max_length tokens, <s> or </s> included."""
    pairs = [("天" * 7, "the"), ("天" * 8, "the"), ("天", " the" * 8), ("天", "\u2028"), ("天", "the")]
    batches = make_batches(pairs, limit=8)
    assert (len(batches), batches.dropped) == (2, 3)
    assert max(side.shape[1] for batch in batches.epoch(0) for side in batch[:3]) <= 8


def test_nothing_to_train_on_is_refused() -> None:
    """Rather than an epoch without a batch."""
    with pytest.raises(DataError, match="none of 1 pairs has 1 to 7 tokens"):
        make_batches([("天" * 8, "the")], limit=8)
    with pytest.raises(DataError, match="1 batches are too few for 2 processes"):
        make_batches([("天", "the")]).count(0, world=2)


def test_the_fingerprint_tells_data_apart() -> None:
    """The same pairs have the same fingerprint, whatever the seed; other pairs another."""
    assert make_batches(seed=9).fingerprint == BATCHES.fingerprint
    assert make_batches(PAIRS[:-1]).fingerprint != BATCHES.fingerprint
    assert make_batches(PAIRS[::-1]).fingerprint != BATCHES.fingerprint
