"""A whole making of counts or word vectors, from files to a model's folder; it takes minutes and no checkpoint.

OUT gets the model, recipe.json, metrics.jsonl with the scores on the held-out file, and made.json: how much was read,
and how long it took.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformer_core.ancestors.base import Ancestor
from transformer_core.ancestors.vectors import WordVectors, read_analogies
from transformer_core.ancestors.word2vec import Word2Vec
from transformer_core.glass.arrays import as_array
from transformer_core.glass.model import LanguageModel
from transformer_core.models.files import save_model
from transformer_core.text.base import TextTokenizer
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.text.word_tokenizer import WordTokenizer
from transformer_core.training.data.texts import DataFile, read_documents
from transformer_core.training.recipe import Recipe
from transformer_core.training.report import told
from transformer_core.training.road.counts import count
from transformer_core.training.road.vectors import train_vectors
from transformer_core.training.score_texts import next_word_scores

MADE = "made.json"
MOST_FREQUENT = 8000  # words among which the answer of an analogy is looked for


def make(
    recipe: Recipe,
    files: Sequence[DataFile],
    tokenizer: Tokenizer | None,
    dev: Path | None,
    out: Path,
    watched: Path | None = None,
) -> None:
    """Make the model of a recipe and write all of OUT.

    Args:
        recipe: of a family that counts, or of word vectors.
        files: what is read, each once.
        tokenizer: of what counts; None for word vectors, which find their own words.
        dev: unseen texts, or analogies.
        out: the folder.
        watched: a file of words whose vectors are kept on the way, beside the model.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(recipe.to_dict(), indent=2) + "\n", encoding="utf-8")
    history = out / "metrics.jsonl"
    history.write_text("", encoding="utf-8")
    documents, start = [text for file in files for text in read_documents(file.path)], time.monotonic()

    def tell(number: int, loss: float, seconds: float) -> None:
        print(f"pass {number}  loss {loss:.3f}  {seconds:.0f} s", flush=True)
        _note(history, kind="train", step=number, loss=loss, seconds=round(seconds, 1))

    model: Ancestor
    words: Tokenizer | WordTokenizer
    growth = None
    if tokenizer is not None:
        model, words = count(recipe, tokenizer, documents), tokenizer
    else:
        model, words, growth = train_vectors(recipe, documents, tell, watched)
    seconds = time.monotonic() - start
    made = {"documents": len(documents), "step": recipe.epochs or 1, "words": 0, "seconds": round(seconds, 1)}
    (out / MADE).write_text(json.dumps(made) + "\n", encoding="utf-8")
    save_model(out / "model", model, None, words)
    if growth is not None:
        growth.save(out / "model")
    print(f"{len(documents):,} documents, {seconds:.0f} s, written: {out / 'model'}", flush=True)
    if dev is not None:
        if isinstance(words, WordTokenizer):
            scores = vector_scores(model, words, dev)
        else:
            scores = next_word_scores(model, words, read_documents(dev))
        print(told(scores), flush=True)
        _note(history, kind="dev", step=1, seconds=round(seconds, 1), **scores)


def vector_scores(model: LanguageModel, tokenizer: TextTokenizer | None, dev: Path) -> Mapping[str, float]:
    """Return how many analogies word vectors get right, in percent: at first, and among five."""
    assert isinstance(model, Word2Vec)
    assert isinstance(tokenizer, WordTokenizer)
    vectors = WordVectors(as_array(model.embed.W_E.detach()), tokenizer)
    questions = [four for group in read_analogies(dev).values() for four in group]
    asked, first, in_five = vectors.score_analogies(questions, MOST_FREQUENT)
    return {"top_1": 100 * first / max(1, asked), "top_5": 100 * in_five / max(1, asked)}


def _note(path: Path, **line: Any) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
