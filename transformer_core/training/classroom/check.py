"""What a translator makes of the lists in assets/held_back: essential words kept, pronouns right, words aligned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transformer_core.glass.files.assets import ASSETS
from transformer_core.models.glass import Glass
from transformer_core.studies.heads.alignments import AlignedSentence, read_alignments
from transformer_core.studies.heads.word_links import read_links
from transformer_core.text.incoming import prepare
from transformer_core.text.tokenizer import Tokenizer, own
from transformer_core.training.classroom.held_back import ClassSentence, read_class_sentences, read_lines
from transformer_core.training.classroom.pronouns import written_pronoun
from transformer_core.training.evaluate import translate


@dataclass(frozen=True)
class Judged:
    """A sentence of a class, and what the model wrote.

    Attributes:
        sentence: of the list.
        written: the model's translation.
    """

    sentence: ClassSentence
    written: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The essential parts that it lost, as their words with | between them."""
        kept = self.sentence.kept(self.written)
        return tuple("|".join(words) for words, there in zip(self.sentence.essential, kept, strict=True) if not there)


def direction(glass: Glass) -> str:
    """The languages of a translator, as the lists are named: "zh-en"."""
    source, target = _tokenizers(glass)
    return f"{source.language}-{target.language}"


def class_lists(glass: Glass, folder: Path = ASSETS / "held_back") -> tuple[Path, ...]:
    """The lists of class sentences of the model's direction, the first one first."""
    return (folder / f"class.{direction(glass)}.tsv", *sorted(folder.glob(f"class.*.{direction(glass)}.tsv")))


def judge(glass: Glass, path: Path) -> tuple[Judged, ...]:
    """Translate a list of class sentences, greedily, each prepared as the app prepares what is typed."""
    sentences, (source, target) = read_class_sentences(path), _tokenizers(glass)
    texts = [prepare(one.source, source.language).text for one in sentences]
    written = translate(glass.model, source, target, texts)
    return tuple(Judged(sentence, text) for sentence, text in zip(sentences, written, strict=True))


PronounCase = tuple[str, str, str | None, str]  # source, the right pronoun, the written one, the translation


def pronouns(glass: Glass, folder: Path = ASSETS / "held_back") -> tuple[PronounCase, ...]:
    """For each sentence of the list of pronouns: source, the right pronoun, the written one, the translation."""
    lines = [cells for _, cells in read_lines(folder / f"pronouns.{direction(glass)}.tsv")]
    written = translate(glass.model, *_tokenizers(glass), [cells[0] for cells in lines])
    return tuple((cells[0], cells[2], written_pronoun(text), text) for cells, text in zip(lines, written, strict=True))


def pronoun_shares(cases: Sequence[PronounCase]) -> str:
    """How many pronouns are right, and how many of each: "3 of 4 pronouns are right: il 2 of 2, elle 1 of 2"."""
    wanted = Counter(right for _, right, _, _ in cases)
    right = Counter(right for _, right, found, _ in cases if right == found)
    shares = ", ".join(f"{word} {right[word]} of {n}" for word, n in wanted.items())
    return f"{right.total()} of {len(cases)} pronouns are right: {shares}"


def hand_aligned(glass: Glass, assets: Path = ASSETS) -> tuple[AlignedSentence, ...]:
    """The sentences that were aligned by hand for the model's direction, in its tokens.

    The examples of the app are aligned in the tokens of the bundled models. They are left out for a model that cuts
    them in another way.
    """
    source, target = _tokenizers(glass)
    name = direction(glass)
    linked = tuple(one.aligned(source, target) for one in read_links(assets / "held_back" / f"aligned.{name}.tsv"))
    bundled = (Tokenizer.load(assets / "models" / name / f"{side}_tokenizer.json") for side in ("source", "target"))
    one_source, one_target = bundled
    examples = tuple(
        one
        for one in read_alignments(assets / "examples" / f"alignments.{name}.txt")
        if source.spans(one.source) == one_source.spans(one.source)
        and target.spans(one.target) == one_target.spans(one.target)
    )
    return examples + linked


def alignment_by_layer(glass: Glass, sentences: Sequence[AlignedSentence]) -> np.ndarray:
    """The share of written words whose largest cross-attention weight lies on a word that belongs to them.

    Shapes: -> [L, H + 1], a row a decoder layer, a column a head and the last one the mean over the heads. The model is
    made to write each translation; a word counts where the alignment has a source word for it.
    """
    config = glass.config
    hits = np.zeros((config.n_decoder_layers, config.n_heads + 1))
    words = 0
    for one in sentences:
        trace = glass.trace(one.source, target=one.target)
        rows = sorted({j for _, j in one.pairs})
        right = [{i for i, k in one.pairs if k == j} for j in rows]
        words += len(rows)
        for layer in range(config.n_decoder_layers):
            weights = np.asarray(trace[f"decoder.{layer}.cross_attn.weights"], dtype=np.float64)  # [H, T, S]
            for column, view in enumerate([*weights, weights.mean(axis=0)]):
                hits[layer, column] += sum(
                    int(view[j].argmax()) in allowed for j, allowed in zip(rows, right, strict=True)
                )
    return hits / max(1, words)


def _tokenizers(glass: Glass) -> tuple[Tokenizer, Tokenizer]:
    return own(glass.source_tokenizer), own(glass.target_tokenizer)
