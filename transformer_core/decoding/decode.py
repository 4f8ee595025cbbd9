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
    checked_words,
    to_array,
    without_padding,
)
from transformer_core.decoding.reader import MakeListener, Reader
from transformer_core.decoding.records import Decoding, Record
from transformer_core.decoding.rules import GREEDY, Beam, Rule
from transformer_core.decoding.search import BeamWriter
from transformer_core.decoding.writers import LineWriter, Next, Task, Writer
from transformer_core.glass.arguments import checked
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import TargetError
from transformer_core.glass.finite import check_logits
from transformer_core.transformer.model import Transformer


@checked("source", "max_length")
@torch.inference_mode()
def decode(
    model: Transformer,
    source: Tensor | None = None,
    rule: Rule | Sequence[Rule] = GREEDY,
    *,
    prefixes: Sequence[Sequence[int]] | None = None,
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
        prefixes: for each row the ids that it is made to begin with, without <s>, which may differ in length; None if
            nothing is given (a decoder-only model then writes as many rows as there are rules).
        max_length: at most this many words, the prefix included; the model's own limit by default, and never above it.
            Reaching it is a reason to stop.
        cached: whether keys and values are kept; without, every step computes all positions again.
        edit: makes the listener that edits a pass; only for one row, and always without a cache.

    Raises:
        TargetError: if the model has no decoder, or a source is missing or too many.
        ForcedWordsError: if a prefix is empty, goes on behind </s>, or holds an id that is no word of the target.
        TextTooLongError: if a prefix is longer than the model can read.
        MaxLengthError: if max_length is no integer of at least 0.
        ArgumentError: if an argument is of another kind.
        ShapeError, UnknownIdError: if there are not as many rules or prefixes as rows; for the source as in
            `Transformer.forward`.
        NotFiniteError: if the model says NaN or an infinity; the message names the value where the first one arose.
    """
    source = checked_source(model, source)
    tasks = _tasks(
        model, source, prefixes, checked_limit(model, max_length), 1 if isinstance(rule, Rule) else len(rule)
    )
    rules = [rule] * len(tasks) if isinstance(rule, Rule) else list(rule)
    check_count("rules", len(rules), len(tasks))
    writers = [_writer(task, one) for task, one in zip(tasks, rules, strict=True)]
    check_count("rows under edits", len(tasks), 1 if edit else len(tasks))
    with evaluating(model):
        _write(Reader(model, source, len(tasks), cached=cached, edit=edit), writers)
    return tuple(writer.decoding() for writer in writers)


@checked("source", "max_length")
@torch.inference_mode()
def greedy(model: Transformer, source: Tensor, *, max_length: int | None = None) -> list[list[int]]:
    """Return for each source the ids that the model writes when it always takes the most probable word.

    Args:
        model: an encoder-decoder model.
        source: ids [B, S], padded on the right, as tensor, array or lists.
        max_length: at most this many words; the model's own limit by default.

    Returns:
        B lists without <s>, ending in </s> unless the limit came first.

    Raises:
        TargetError: if the model is no encoder-decoder, or if there is no source.
        MaxLengthError, ShapeError, UnknownIdError: as in `decode`.
        NotFiniteError: if the model says NaN or an infinity; the message names the value where the first one arose.
    """
    config, limit = model.config, checked_limit(model, max_length)
    if not config.has_cross_attention:
        raise TargetError(
            f"greedy needs an encoder-decoder model, not {config.architecture}", architecture=config.architecture
        )
    ids = checked_source(model, source)
    assert ids is not None
    with evaluating(model):
        return _greedy(model, ids, limit)


def _greedy(model: Transformer, source: Tensor, limit: int) -> list[list[int]]:
    config = model.config
    memory, caches = model.encode(source), model.new_caches()
    first = read = torch.full((source.shape[0], 1), config.bos_id, device=source.device)
    written, open_rows = [read[:, :0]], torch.ones(source.shape[0], dtype=torch.bool, device=source.device)
    for _ in range(limit):
        logits = model.head(model.decode(read, memory, source, caches))[:, -1]
        check_logits(logits, lambda: model(source, torch.cat((first, *written[1:]), dim=1)))
        # A row that has ended goes on with padding, so that the batch stays a matrix.
        read = torch.where(open_rows, logits.argmax(dim=-1), config.pad_id)[:, None]
        written.append(read)
        open_rows &= read[:, 0] != config.eos_id
        if not open_rows.any():
            break
    return [_until_end(row, config.eos_id) for row in torch.cat(written, dim=1).tolist()]


@checked()
@torch.inference_mode()
def cache_difference(model: Transformer, record: Record) -> float:
    """Return the largest difference between a record's logits and those of one pass over its words without a cache."""
    if not record.ids:
        return 0.0
    with evaluating(model):
        whole = to_array(model(as_batch(model, record.source), as_batch(model, record.read), padded=False)[0])
    return float(abs(whole - record.logits).max())


def _write(reader: Reader, writers: Sequence[Writer]) -> None:
    """Let every writer write to its end. The rows of the batch belong to the writers, one after the other."""
    first = [writer.task.first_rows for writer in writers]
    said = to_array(reader.read(first))
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
        said = to_array(reader.read([[word] for nexts in asked for _, word in nexts]))[:, -1]
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


def _writer(task: Task, rule: Rule) -> Writer:
    return BeamWriter(task, rule) if isinstance(rule, Beam) else LineWriter(task, rule)


def _tasks(
    model: Transformer,
    source: Tensor | None,
    prefixes: Sequence[Sequence[int]] | None,
    limit: int,
    n_rules: int,
) -> list[Task]:
    given = None if source is None else [without_padding(row, model.config.pad_id) for row in source.tolist()]
    n_rows = len(given) if given is not None else len(prefixes) if prefixes is not None else n_rules
    begins = [()] * n_rows if prefixes is None else [checked_words(model, "prefix", ids) for ids in prefixes]
    check_count("prefixes", len(begins), n_rows)
    sources = [None] * n_rows if given is None else given
    return [Task(model.config, ids, begin, limit) for ids, begin in zip(sources, begins, strict=True)]


def _until_end(ids: list[int], eos_id: int) -> list[int]:
    return ids[: ids.index(eos_id) + 1] if eos_id in ids else ids
