"""How well a model translates: BLEU and chrF by sacrebleu's defaults, on what it writes greedily."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from transformer_core.decoding.decode import greedy
from transformer_core.glass.files.assets import missing
from transformer_core.glass.model import LanguageModel
from transformer_core.text.tokenizer import Tokenizer

BATCH = 64


@dataclass(frozen=True)
class Scores:
    """What a model reached on a set of pairs.

    Attributes:
        bleu, chrf: of the whole set, 0 to 100.
        whole: how many of 100 are written as their reference is, to the last mark.
        translations: what the model wrote, in the order of the pairs.
    """

    bleu: float
    chrf: float
    whole: float
    translations: tuple[str, ...]


def evaluate(
    model: LanguageModel, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]
) -> Scores:
    """The scores of `model`, which must be in eval mode, on pairs of a source and its reference.

    References go through the target tokenizer's one normalisation (English: contractions written out), as everything
    that the model was trained to write. BLEU counts Chinese by character (sacrebleu's own choice for it).

    Raises:
        MissingPackageError: if sacrebleu is not installed, which the extra "train" asks for.
    """
    try:
        import sacrebleu
    except ModuleNotFoundError as error:
        raise missing("sacrebleu", "train") from error
    written = translate(model, source_tokenizer, target_tokenizer, [source for source, _ in pairs])
    references = [[target_tokenizer.normalise(reference) for _, reference in pairs]]
    tokenize = "zh" if target_tokenizer.language == "zh" else "13a"
    bleu = sacrebleu.corpus_bleu(written, references, tokenize=tokenize).score
    whole = 100 * sum(map(str.__eq__, written, references[0])) / max(1, len(written))
    return Scores(bleu, sacrebleu.corpus_chrf(written, references).score, whole, tuple(written))


def translate(
    model: LanguageModel, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer, texts: Sequence[str]
) -> list[str]:
    """The greedy translation of each text; a text above the model's limit is cut off there."""
    config = model.config
    device = next(model.parameters()).device
    ids = [[*source_tokenizer.encode(text)[: config.max_length - 1], config.eos_id] for text in texts]
    # Texts of like length share a batch: hardly any padding, and its sentences end at about the same step.
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    written = [""] * len(ids)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        width = len(ids[chosen[-1]])
        rows = [ids[i] + [config.pad_id] * (width - len(ids[i])) for i in chosen]
        for i, out in zip(chosen, greedy(model, torch.tensor(rows, device=device)), strict=True):
            written[i] = target_tokenizer.decode(out)
    return written
