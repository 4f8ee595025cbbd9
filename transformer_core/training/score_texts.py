"""How well a model goes on with unseen text, from either end, and how well it fills in a hidden word of it.

Letters: B rows, L positions, N words looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from transformer_core.glass.model import LanguageModel
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.text.words import is_word, word_spans
from transformer_core.training.data.texts import Corpus
from transformer_core.training.steps.loss import told_loss

BATCH_TOKENS = 4096
GUESSES = 5

Row = tuple[list[int], list[int]]  # what is read, and at each position what has to be told, or padding


@torch.no_grad()
def next_word_scores(model: LanguageModel, tokenizer: Tokenizer, documents: Sequence[str]) -> dict[str, float]:
    """The mean surprise of `model`, in eval mode, about unseen documents.

    Every piece and the end of each document is told once. Where a document is longer than the model reads, windows
    begin at sentences such that half a window stands before what they tell, where sentences allow it.

    Returns:
        bits_per_character: all of the surprise over the characters of the normalised texts.
        nats_per_token: the same over the pieces and ends.
    """
    corpus = Corpus(documents, tokenizer)
    rows = [row for first in corpus.documents for row in _windows(corpus, first, model, tokenizer)]
    nats, told = 0.0, 0
    for features, targets in _told(model, rows):
        nats += float(told_loss(model.head, features, targets))
        told += len(targets)
    characters = sum(len(tokenizer.normalise(document)) for document in documents)
    return {"bits_per_character": nats / math.log(2) / max(1, characters), "nats_per_token": nats / max(1, told)}


@torch.no_grad()
def masked_word_scores(model: LanguageModel, tokenizer: Tokenizer, documents: Sequence[str]) -> dict[str, float]:
    """How often `model`, in eval mode, fills in a word of an unseen sentence, in percent.

    Each word of each sentence is hidden alone, all its pieces behind [MASK]; marks are not. A word of several pieces is
    right if each of its pieces is.

    Returns:
        top_1: right at the first guess.
        top_5: among the five most probable.
    """
    rows, lengths = [], []
    for document in documents:
        ids = tokenizer.encode(document)[: model.config.max_length - 1]
        for first, behind in word_spans(tokenizer, ids):
            if is_word(tokenizer, ids[first:behind]):
                rows.append(hide(tokenizer, ids, first, behind))
                lengths.append(behind - first)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    right: list[list[bool]] = []
    for features, targets in _told(model, [rows[i] for i in order]):
        best = model.head(features).topk(GUESSES).indices  # [N, 5]
        right += (best == targets[:, None]).tolist()
    first_guess, among, begin = 0, 0, 0
    for i in order:
        word = right[begin : begin + lengths[i]]
        first_guess += all(piece[0] for piece in word)
        among += all(any(piece) for piece in word)
        begin += lengths[i]
    return {"top_1": 100 * first_guess / len(rows), "top_5": 100 * among / len(rows)}


@torch.no_grad()
def two_way_scores(model: LanguageModel, tokenizer: Tokenizer, documents: Sequence[str]) -> dict[str, float]:
    """The mean surprise of `model`, in eval mode, about the words of unseen documents, told from either end.

    Longer documents are cut into parts as long as the model reads.

    Returns:
        nats_ahead: of a piece, or the end, given all before it in its part; the first piece is not told.
        nats_back: of a piece given all behind it, the end included; the end is not told.
    """
    length, pad = model.config.max_length, model.config.pad_id
    parts = []
    for document in documents:
        ids = [*tokenizer.encode(document), tokenizer.eos_id]
        parts += [ids[i : i + length] for i in range(0, len(ids), length)]
    parts.sort(key=len)
    nats, told = torch.zeros(2), torch.zeros(2)
    rows = max(1, BATCH_TOKENS // length)
    for first in range(0, len(parts), rows):
        some = parts[first : first + rows]
        width = len(some[-1])
        read = torch.tensor([part + [pad] * (width - len(part)) for part in some], device=model.device)
        filler = torch.full_like(read[:, :1], pad)
        before = torch.cat((filler, read[:, :-1]), dim=1).masked_fill(read == pad, pad)
        halves = torch.cat((read[:, 1:], filler), dim=1), before
        for half, (features, targets) in enumerate(zip(model.features(read).chunk(2, dim=1), halves, strict=True)):
            there = targets != pad
            nats[half] += float(told_loss(model.head, features[there], targets[there]))
            told[half] += int(there.sum())
    ahead, back = (nats / told.clamp(min=1)).tolist()
    return {"nats_ahead": ahead, "nats_back": back}


def hide(tokenizer: Tokenizer, ids: Sequence[int], first: int, behind: int) -> Row:
    """The ids with </s>, one word of them hidden, and where the word has to be told."""
    assert tokenizer.mask_id is not None
    read = [*ids[:first], *[tokenizer.mask_id] * (behind - first), *ids[behind:], tokenizer.eos_id]
    told = [tokenizer.pad_id] * len(read)
    told[first:behind] = ids[first:behind]
    return read, told


def _windows(corpus: Corpus, first: int, model: LanguageModel, tokenizer: Tokenizer) -> Iterator[Row]:
    ids = [*corpus.between(first, corpus.beyond[first]), tokenizer.eos_id]
    begins = [corpus.begins[i] - corpus.begins[first] for i in range(first, corpus.beyond[first])]
    length, done = model.config.max_length, 0
    while done < len(ids):
        wanted = max(0, done - length // 2)
        start = next((begin for begin in begins if wanted <= begin <= done), wanted) if done else 0
        end = min(len(ids), start + length)
        read = [tokenizer.bos_id, *ids[start : end - 1]]
        yield read, [tokenizer.pad_id] * (done - start) + ids[done:end]
        done = end


def _told(model: LanguageModel, rows: Sequence[Row]) -> Iterator[tuple[Tensor, Tensor]]:
    """The vectors that the head reads, [N, D], and the words to tell, [N], a batch of rows at a time."""
    pad, device = model.config.pad_id, next(model.parameters()).device
    batch: list[Row] = []
    for number, row in enumerate(rows, start=1):
        batch.append(row)
        width = max(len(read) for read, _ in batch)
        if number < len(rows) and width * (len(batch) + 1) <= BATCH_TOKENS:
            continue
        read, told = (
            torch.tensor([part + [pad] * (width - len(part)) for part in parts], device=device)
            for parts in zip(*batch, strict=True)
        )
        features = model.features(None, read) if model.config.has_decoder else model.features(read)
        yield features[told != pad], told[told != pad]
        batch = []
