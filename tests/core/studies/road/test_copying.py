"""Copies: what is written is what the model decodes, and right is what is the same to the last mark."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from transformer_core.ancestors.seq2seq.model import Seq2Seq, Seq2SeqConfig
from transformer_core.glass.errors import AbilityError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from transformer_core.studies.road.copying import Copied, by_length, copied
from transformer_core.text.shared_pieces import train_shared

SENTENCES = [line for line in (ASSETS / "road" / "copying.en.txt").read_text(encoding="utf-8").split("\n") if line]


def test_the_sentences_are_twelve_of_each_length() -> None:
    assert Counter(len(line.split()) for line in SENTENCES) == dict.fromkeys((2, 4, 6, 8, 10, 13), 12)
    assert len(set(SENTENCES)) == len(SENTENCES)


def test_what_is_written_is_what_the_model_decodes() -> None:
    tokenizer = train_shared({"en": SENTENCES}, 400)["en"]
    size = tokenizer.vocab_size
    torch.manual_seed(0)
    config = Seq2SeqConfig(source_vocab_size=size, vocab_size=size, d_model=4, max_length=60, tie_embeddings=True)
    glass = Glass("copy", Seq2Seq(config).eval(), tokenizer, tokenizer)
    found = copied(glass, SENTENCES[::20])
    assert [one.sentence for one in found] == SENTENCES[::20]
    assert [one.written for one in found] == [tokenizer.decode(glass.decode(s).ids) for s in SENTENCES[::20]]
    assert [n for n, group in by_length(found).items() for _ in group] == sorted(one.n_words for one in found)
    assert (Copied("Come here.", "Come here.").right, Copied("Come here.", "Come here").right) == (True, False)
    with pytest.raises(AbilityError, match="translates"):
        copied(load_model("ngram-en"), SENTENCES)
