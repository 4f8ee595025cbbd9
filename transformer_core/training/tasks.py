"""What the tasks learn from and how they are scored: the only place where the training tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from transformer_core.glass.errors import ConfigError, DataError
from transformer_core.glass.model import LanguageModel
from transformer_core.models.glass import Glass
from transformer_core.text.shared_pieces import train_shared
from transformer_core.text.tokenizer import Tokenizer, own
from transformer_core.training.data.pairs import DROPPED_MARKS, Batch, Batches, read_pairs
from transformer_core.training.data.passages import BothWays, Passages, Windows
from transformer_core.training.data.texts import Corpus, DataFile, read_documents
from transformer_core.training.evaluate import evaluate
from transformer_core.training.recipe import Recipe
from transformer_core.training.score_texts import masked_word_scores, next_word_scores, two_way_scores

EIGHT = 8
Tokenizers = tuple[Tokenizer | None, Tokenizer | None]
Score = Callable[[LanguageModel], Mapping[str, float]]


class Source(Protocol):
    """Where batches come from: any pass of them, from any batch on, shared out over processes."""

    fingerprint: str

    def count(self, epoch: int, *, world: int = 1) -> int:
        """Return how many batches each of `world` processes gets in a pass."""

    def epoch(self, epoch: int, start: int = 0, *, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """Yield the batches of one process from its batch `start` on."""


@dataclass(frozen=True)
class Material:
    """What a training learns from.

    Attributes:
        tokenizers: of both sides, None for one that is not there.
        batches: the data.
        size: how much there is, as counts by name; with the fingerprint it identifies the data.
        about: the same for a reader.
    """

    tokenizers: Tokenizers
    batches: Source
    size: dict[str, int]
    about: str

    @property
    def vocab_sizes(self) -> tuple[int, int]:
        """The entries of both sides, 0 for one that is not there."""
        source, target = (0 if one is None else one.vocab_size for one in self.tokenizers)
        return source, target

    @property
    def identity(self) -> dict[str, object]:
        """What a resumed training must find again."""
        return {**self.size, "fingerprint": self.batches.fingerprint}


def prepare(
    recipe: Recipe, files: Sequence[DataFile], tokenizer: Path | None, ready: Tokenizers = (None, None)
) -> Material:
    """The tokenizers and batches of a training.

    Args:
        recipe: of it.
        files: what it learns from.
        tokenizer: a ready one for a task with one side; None to learn it from the files.
        ready: the tokenizers of the model that the training starts from, if it does.

    Raises:
        DataError: if a file cannot be read, or not as the task wants it.
    """
    if recipe.task == "pairs":
        if tokenizer is not None:
            raise ConfigError(
                "a translator learns its tokenizers from its pairs: leave --tokenizer out", field="tokenizer"
            )
        return _pairs(recipe, files, ready)
    given = ready[0] or ready[1]
    if given is not None and tokenizer is not None:
        raise ConfigError(f"{recipe.start_from} has its own tokenizer: leave --tokenizer out", field="tokenizer")
    return _texts(recipe, files, given or text_tokenizer(recipe, files, tokenizer))


def tokenizers_of(glass: Glass) -> Tokenizers:
    """Return the tokenizers of a model that was trained here.

    Raises:
        ArgumentError: if they are another's: the measures read texts as ours do.
    """
    source, target = (None if one is None else own(one) for one in (glass.source_tokenizer, glass.target_tokenizer))
    return source, target


def scorer(recipe: Recipe, tokenizers: Tokenizers, dev: Path) -> Score:
    """What scores a model, in eval mode, on held-out data of the recipe's task."""
    source, target = tokenizers
    if recipe.task == "pairs":
        assert source is not None
        assert target is not None
        return pair_scorer(source, target, read_pairs(dev, source.language, target.language))
    documents, one_side = read_documents(dev), source or target
    assert one_side is not None
    score = {"next-word": next_word_scores, "two-way": two_way_scores, "masked-word": masked_word_scores}[recipe.task]
    return lambda model: score(model, one_side, documents)


def pair_scorer(source: Tokenizer, target: Tokenizer, pairs: Sequence[tuple[str, str]]) -> Score:
    """What scores a translator on these pairs."""

    def score(model: LanguageModel) -> Mapping[str, float]:
        scores = evaluate(model, source, target, pairs)
        if source.language == target.language:
            return {"whole": scores.whole, **_of_eight(pairs, scores.translations, target)}
        return {"bleu": scores.bleu, "chrf": scores.chrf}

    return score


def _of_eight(pairs: Sequence[tuple[str, str]], written: Sequence[str], target: Tokenizer) -> Mapping[str, float]:
    """How many of 100 sentences of eight words are whole, as copies are compared; nothing where there are none."""
    its = [
        one == target.normalise(right)
        for one, (_, right) in zip(written, pairs, strict=True)
        if len(right.split()) == EIGHT
    ]
    return {"whole_eight": 100 * sum(its) / len(its)} if its else {}


def make_tokenizers(pairs: Sequence[tuple[str, str]], recipe: Recipe) -> tuple[Tokenizer, Tokenizer]:
    """The tokenizers of both sides, learned from the pairs: the same for the same pairs."""
    if recipe.tie_embeddings:
        sides = {str(recipe.source): [one for one, _ in pairs], str(recipe.target): [other for _, other in pairs]}
        both = train_shared(sides, recipe.source_vocab_size)
        return both[str(recipe.source)], both[str(recipe.target)]
    sizes = recipe.source_vocab_size, recipe.target_vocab_size
    made = []
    for side, language, size in zip((0, 1), (recipe.source, recipe.target), sizes, strict=True):
        lines = [pair[side] for pair in pairs]
        made.append(
            Tokenizer.train_characters(lines)
            if language == "zh"
            else Tokenizer.train_bpe(lines, size, language=str(language))
        )
    return made[0], made[1]


def learn_tokenizer(files: Sequence[DataFile], vocab_size: int, language: str) -> Tokenizer:
    """A tokenizer with [MASK], or of Chinese characters, learned from files: each is read as often as its weight says.

    A weight of 0.2 learns from every fifth document; the words of all count as seen.
    """
    lines, every = list[str](), list[str]()
    for file in files:
        documents = read_documents(file.path)
        every += documents
        whole, part = divmod(file.weight, 1)
        lines += documents * int(whole)
        if part:
            lines += documents[:: round(1 / part)]
    if language == "zh":
        return Tokenizer.train_characters(lines)
    return Tokenizer.train_bpe(lines, vocab_size, language=language, mask=True, also_seen=every)


def _pairs(recipe: Recipe, files: Sequence[DataFile], ready: Tokenizers) -> Material:
    pairs: list[tuple[str, str]] = []
    for file in files:
        if file.weight != int(file.weight):
            raise DataError(
                f"{file.path}: pairs are read a whole number of times, not {file.weight}", path=str(file.path)
            )
        pairs += read_pairs(file.path, str(recipe.source), str(recipe.target)) * int(file.weight)
    source, target = ready
    tokenizers = make_tokenizers(pairs, recipe) if source is None or target is None else (source, target)
    batches = Batches(
        pairs,
        *tokenizers,
        batch_tokens=recipe.batch_tokens,
        max_length=recipe.max_length,
        seed=recipe.seed,
        linked=recipe.guidance > 0,
        drop_final_mark=0.0 if recipe.source == recipe.target else DROPPED_MARKS,  # a copy has all marks
    )
    about = f"{len(batches):,} pairs ({batches.dropped:,} too long, left out)"
    return Material(tokenizers, batches, {"pairs": len(pairs)}, about)


def text_tokenizer(recipe: Recipe, files: Sequence[DataFile], path: Path | None) -> Tokenizer:
    """The tokenizer of a task with one side: a ready one, or learned from the files, each read once."""
    if path is not None:
        return Tokenizer.load(path)
    size = recipe.target_vocab_size if recipe.target else recipe.source_vocab_size
    return learn_tokenizer([DataFile(file.path) for file in files], size, str(recipe.target or recipe.source))


def _texts(recipe: Recipe, files: Sequence[DataFile], tokenizer: Tokenizer) -> Material:
    corpora = [(Corpus(read_documents(file.path), tokenizer), file.weight) for file in files]
    shape = {"length": recipe.max_length, "batch_tokens": recipe.batch_tokens, "seed": recipe.seed}
    batches: Source
    if recipe.task == "next-word":
        batches = Windows(corpora, tokenizer, **shape)
    elif recipe.task == "two-way":
        batches = BothWays(corpora, tokenizer, **shape)
    else:
        batches = Passages(corpora, tokenizer, **shape, share=recipe.mask_share)
    documents = sum(len(corpus.documents) for corpus, _ in corpora)
    about = f"{documents:,} documents, {sum(len(corpus.ids) for corpus, _ in corpora):,} tokens"
    sides = (tokenizer, None) if recipe.target is None else (None, tokenizer)
    return Material(sides, batches, {"documents": documents}, about)
