"""From logits to words: greedy decoding, sampling and beam search, each with a KV cache and a record of its steps.

`decode` keeps what the model said before every word; `greedy` is the fast way to the words alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from transformer_core.decoding.checks import (
    Array,
    as_batch,
    check_count,
    checked_limit,
    checked_source,
    checked_start,
    checked_words,
    without_padding,
)
from transformer_core.decoding.reader import MakeListener, Reader
from transformer_core.decoding.records import Decoding, Record
from transformer_core.decoding.rules import GREEDY, Beam, Rule
from transformer_core.decoding.search import BeamWriter
from transformer_core.decoding.writers import Job, LineWriter, Next, Writer
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.guards.finite import check_logits
from transformer_core.glass.model import LanguageModel


@checked("source", "max_length")
@torch.inference_mode()
def decode(
    model: LanguageModel,
    source: Tensor | None = None,
    rule: Rule | Sequence[Rule] = GREEDY,
    *,
    prefixes: Sequence[Sequence[int]] | None = None,
    start: Sequence[int] | None = None,
    max_length: int | None = None,
    cached: bool = True,
    edit: MakeListener | None = None,
) -> tuple[Decoding, ...]:
    """Return for each row of the batch what the model writes, with the record of every step.

    A row does not depend on the others: decoded alone, it is the same up to rounding.

    Args:
        model: one that has a decoder.
        source: ids [B, S], padded on the right, as tensor, array or lists; None for a decoder-only model.
        rule: how words are chosen, one for all rows or one for each: `Greedy`, `Sampling`, `Beam`.
        prefixes: for each row the ids that it is made to begin with, without `start`, which may differ in length; None
            if nothing is given (a decoder-only model then writes as many rows as there are rules).
        start: the signs that the decoder reads in front: <s> by default. Without any, the first id of a prefix is read
            and not written, and the record begins with the second.
        max_length: at most this many words, the prefix included; the model's own limit by default, and never above it.
            Reaching it is a reason to stop.
        cached: whether keys and values are kept; without, every step computes all positions again.
        edit: makes the listener that edits a pass; only for one row, and always without a cache.

    Raises:
        AbilityError: if the model does not write.
        TargetError: if a source is missing or too many.
        ForcedWordsError: if a prefix is empty, goes on behind </s>, or holds an id that is no word of the target; if
            there is nothing to read in front.
        TextTooLongError: if a prefix is longer than the model can read.
        MaxLengthError: if max_length is no integer of at least 0.
        ArgumentError: if an argument is of another kind.
        ShapeError, UnknownIdError: if there are not as many rules or prefixes as rows; for the source as in
            `Transformer.forward`.
        NotFiniteError: if the model says NaN or an infinity; the message names the value where the first one arose.
    """
    source = checked_source(model, source)
    begin, limit = checked_start(model, start), checked_limit(model, max_length)
    jobs = _jobs(model, source, begin, prefixes, limit, 1 if isinstance(rule, Rule) else len(rule))
    rules = [rule] * len(jobs) if isinstance(rule, Rule) else list(rule)
    check_count("rules", len(rules), len(jobs))
    writers = [_writer(job, one) for job, one in zip(jobs, rules, strict=True)]
    check_count("rows under edits", len(jobs), 1 if edit else len(jobs))
    with evaluating(model):
        _write(Reader(model, source, len(jobs), cached=cached, edit=edit), writers)
    return tuple(writer.decoding() for writer in writers)


@checked("source", "begin", "max_length")
@torch.inference_mode()
def greedy(
    model: LanguageModel, source: Tensor | None, *, begin: Tensor | None = None, max_length: int | None = None
) -> list[list[int]]:
    """Return for each row the ids that the model writes when it always takes the most probable word.

    Args:
        model: one that writes.
        source: ids [B, S], padded on the right, as tensor, array or lists; None for a decoder-only model.
        begin: ids [B, P] of any such kind that the decoder reads first, without padding: <s> by default, or a text to
            go on with.
        max_length: at most this many words; as many as the model can read by default, and never more.

    Returns:
        B lists without `begin`, ending in </s> unless the limit came first.

    Raises:
        AbilityError: if the model does not write.
        TargetError: if a source is missing or too many.
        MaxLengthError, ShapeError, UnknownIdError: as in `decode`.
        NotFiniteError: if the model says NaN or an infinity; the message names the value where the first one arose.
    """
    limit, ids = checked_limit(model, max_length), checked_source(model, source)
    n_rows = 1 if ids is None else len(ids)
    first = torch.full((n_rows, 1), model.config.bos_id, device=model.device)
    read = first if begin is None else model.checked_ids("target", begin, padded=False)
    assert read is not None
    if ids is not None:
        check_count("rows of begin", len(read), n_rows)
    with evaluating(model):
        return _greedy(model, ids, read, min(limit, model.config.max_length + 1 - read.shape[1]))


def _greedy(model: LanguageModel, source: Tensor | None, begin: Tensor, limit: int) -> list[list[int]]:
    config = model.config
    memory, caches = None if source is None else model.encode(source), model.new_caches()
    read, written, never = begin, [begin[:, :0]], torch.tensor(config.never, dtype=torch.long, device=begin.device)
    open_rows = torch.ones(begin.shape[0], dtype=torch.bool, device=begin.device)
    for _ in range(limit):
        logits = model.head(model.decode(read, memory, source, caches)[:, -1:])[:, -1]
        check_logits(model.plan, logits, lambda: model(source, torch.cat((begin, *written), dim=1), padded=False))
        # A row that has ended goes on with padding, so that the batch stays a matrix.
        allowed = logits.index_fill(1, never, -torch.inf) if config.never else logits
        read = torch.where(open_rows, allowed.argmax(dim=-1), config.pad_id)[:, None]
        written.append(read)
        open_rows &= read[:, 0] != config.eos_id
        if not open_rows.any():
            break
    return [_until_end(row, config.eos_id) for row in torch.cat(written, dim=1).tolist()]


@checked()
@torch.inference_mode()
def cache_difference(model: LanguageModel, record: Record) -> float:
    """Return the largest difference between a record's logits and those of one pass over its words without a cache."""
    if not record.ids:
        return 0.0
    with evaluating(model):
        whole = as_array(model(as_batch(model, record.source), as_batch(model, record.read), padded=False)[0])
    return float(abs(whole - record.logits).max())


def _write(reader: Reader, writers: Sequence[Writer]) -> None:
    """Let every writer write to its end. The rows of the batch belong to the writers, one after the other."""
    first = [writer.job.first_rows for writer in writers]
    said = as_array(reader.read(first))
    # Copies, because a slice would keep the logits of the whole batch in memory.
    starts = [said[b, : len(rows)].copy() for b, rows in enumerate(first)]
    asked = [w.begin(rows, held) for w, rows, held in zip(writers, starts, reader.held, strict=True)]
    widths = [1] * len(writers)
    while any(asked):
        offsets = [sum(widths[:i]) for i in range(len(widths))]
        rows = [offset + parent for offset, nexts in zip(offsets, asked, strict=True) for parent, _ in nexts]
        reader.select(rows)
        widths = [len(nexts) for nexts in asked]
        reused = reader.held
        said = as_array(reader.read([[word] for nexts in asked for _, word in nexts]))[:, -1]
        asked = _told(writers, widths, said, reused, reader.held)


def _told(
    writers: Sequence[Writer], widths: Sequence[int], said: Array, reused: Sequence[int], held: Sequence[int]
) -> list[Next]:
    asked: list[Next] = []
    start = 0
    for writer, width in zip(writers, widths, strict=True):
        rows = said[start : start + width]
        asked.append(writer.advance(rows, reused[start], held[start]) if width else [])
        start += width
    return asked


def _writer(job: Job, rule: Rule) -> Writer:
    return BeamWriter(job, rule) if isinstance(rule, Beam) else LineWriter(job, rule)


def _jobs(
    model: LanguageModel,
    source: Tensor | None,
    start: tuple[int, ...],
    prefixes: Sequence[Sequence[int]] | None,
    limit: int,
    n_rules: int,
) -> list[Job]:
    given = None if source is None else [without_padding(row, model.config.pad_id) for row in source.tolist()]
    n_rows = len(given) if given is not None else len(prefixes) if prefixes is not None else n_rules
    begins: list[tuple[int, ...]] = [()] * n_rows
    if prefixes is not None or not start:  # without a sign in front there must be a word
        begins = [checked_words(model, "prefix", ids, len(start)) for ids in prefixes or begins]
    check_count("prefixes", len(begins), n_rows)
    sources = [None] * n_rows if given is None else given
    return [Job(model.config, ids, start, begin, limit) for ids, begin in zip(sources, begins, strict=True)]


def _until_end(ids: list[int], eos_id: int) -> list[int]:
    return ids[: ids.index(eos_id) + 1] if eos_id in ids else ids
