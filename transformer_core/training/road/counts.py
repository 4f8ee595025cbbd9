"""From texts to an n-gram model: everything counted once, and the shares of interpolation from texts held out."""

from __future__ import annotations

from collections.abc import Sequence

from transformer_core.ancestors.counting import count_grams, held_out_shares, told_shares
from transformer_core.ancestors.ngram import Ngram
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.recipe import Recipe

HELD_OUT = 20  # of so many texts one finds the shares, counted by the others


def count(recipe: Recipe, tokenizer: Tokenizer, documents: Sequence[str]) -> Ngram:
    """Return the model that counted these documents, whole."""
    texts = [tokenizer.encode(document) for document in documents]
    signs = {"start": tokenizer.bos_id, "end": tokenizer.eos_id}
    some = [text for i, text in enumerate(texts) if i % HELD_OUT]
    part = count_grams(some or texts, recipe.order, tokenizer.vocab_size, **signs)
    shares = held_out_shares(told_shares(texts[::HELD_OUT], part, tokenizer.vocab_size, **signs))
    grams = count_grams(texts, recipe.order, tokenizer.vocab_size, **signs)
    return Ngram.counted(grams, shares=shares, max_length=recipe.max_length)
