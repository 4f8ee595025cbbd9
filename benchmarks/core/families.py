"""The five families at real widths: a pass with every value, and writing with every value, beside Hugging Face's."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.core.checkpoints import FAMILIES, Opened, opened
from benchmarks.results import Row
from benchmarks.timing import interleaved
from transformer_core.decoding.decode import greedy
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace

N_TOKENS, N_WORDS = 256, 32
GOAL = 1.15
TRACES = tuple(f"trace-{name}" for name in FAMILIES)
DECODES = tuple(f"decode-{name}" for name, family in FAMILIES.items() if family.writes)


def family_trace_rows(rounds: int = 5) -> list[Row]:
    """Return a row for each family: a pass over 256 tokens on each side that it has."""
    rows = []
    for key, name in zip(TRACES, FAMILIES, strict=True):
        with opened(name) as both:
            rows.append(_trace_row(key, name, both, rounds))
    return rows


def family_decode_rows(rounds: int = 5) -> list[Row]:
    """Return a row for each family that writes: 32 words behind 256, and one traced pass over what was written."""
    rows = []
    for key in DECODES:
        name = key.removeprefix("decode-")
        with opened(name) as both:
            rows.append(_decode_row(key, name, both, rounds))
    return rows


def _trace_row(key: str, name: str, both: Opened, rounds: int) -> Row:
    source, target = _ids(both) if both.family.reads else None, _ids(both) if both.family.writes else None

    def traced() -> Trace:
        return run_with_trace(both.ours.model, _row(source), _row(target))

    @torch.inference_mode()
    def theirs() -> Tensor:
        if source is None:
            return both.theirs(target, use_cache=False).logits
        if target is None:
            return both.theirs(source).logits
        return both.theirs(source, decoder_input_ids=target, use_cache=False).logits

    expected = theirs()[0]
    torch.testing.assert_close(torch.tensor(traced()["head.logits"]), expected, rtol=1e-3, atol=1e-3)
    timing = interleaved({"trace": traced, "theirs": theirs}, rounds)
    what = f"full trace / Hugging Face plain: {name}, {N_TOKENS} tokens"
    return Row(key, what, GOAL, timing.ratio("trace", "theirs"))


def _decode_row(key: str, name: str, both: Opened, rounds: int) -> Row:
    config = both.ours.config
    read = _ids(both)
    source = read if both.family.reads else None
    begin = torch.tensor([[config.bos_id]]) if both.family.reads else read
    never = [[i] for i in dict.fromkeys((config.eos_id, *config.never))]
    limit = {"do_sample": False, "num_beams": 1, "min_new_tokens": N_WORDS, "max_new_tokens": N_WORDS}

    def ours() -> list[int]:
        return greedy(both.ours.model, source, begin=begin, max_length=N_WORDS)[0]

    def traced() -> Trace:
        return run_with_trace(both.ours.model, _row(source), [*begin[0].tolist(), *ours()[:-1]])

    @torch.inference_mode()
    def theirs() -> list[int]:
        written = both.theirs.generate(
            read, attention_mask=torch.ones_like(read), bad_words_ids=never, pad_token_id=config.pad_id, **limit
        )
        return written[0, begin.shape[1] :].tolist()

    if ours() != theirs() or len(ours()) != N_WORDS:
        raise RuntimeError(f"the two sides decode differently: {ours()} and {theirs()}")
    timing = interleaved({"traced": traced, "theirs": theirs}, rounds)
    what = f"{N_WORDS} words with every value / Hugging Face generate: {name}, {N_TOKENS} tokens before"
    return Row(key, what, GOAL, timing.ratio("traced", "theirs"))


def _ids(both: Opened) -> Tensor:
    """A text of random words, no sign among them."""
    torch.manual_seed(1)
    return torch.randint(300, 20_000, (1, N_TOKENS))


def _row(ids: Tensor | None) -> Sequence[int] | None:
    return None if ids is None else ids[0].tolist()
