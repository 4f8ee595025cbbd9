"""The five families at real widths: a pass with every value, and writing with every value, beside Hugging Face's."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.core.checkpoints import Opened, opened
from benchmarks.results import Row
from benchmarks.timing import interleaved
from transformer_core.decoding.decode import greedy
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace

N_TOKENS, N_READ = 256, 16
N_WORDS = N_TOKENS - N_READ
GOAL = 1.15


def family_trace_rows(name: str, rounds: int = 5) -> list[Row]:
    """Return the row of a family: a pass over 256 tokens on each side that it has."""
    with opened(name) as both:
        return [_trace_row(f"trace-{name}", name, both, rounds)]


def family_decode_rows(name: str, rounds: int = 3) -> list[Row]:
    """Return the row of a family that writes: 240 words behind 16, and one traced pass over all of them."""
    with opened(name) as both:
        return [_decode_row(f"decode-{name}", name, both, rounds)]


def _trace_row(key: str, name: str, both: Opened, rounds: int) -> Row:
    ids = _ids(N_TOKENS)
    source, target = ids if both.family.reads else None, ids if both.family.writes else None

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
    read = _ids(N_READ)
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
    what = f"{N_WORDS} words with every value / Hugging Face generate: {name}, {N_READ} tokens read"
    return Row(key, what, GOAL, timing.ratio("traced", "theirs"))


def _ids(n: int) -> Tensor:
    """A text of random words, no sign among them."""
    torch.manual_seed(1)
    return torch.randint(300, 20_000, (1, n))


def _row(ids: Tensor | None) -> Sequence[int] | None:
    return None if ids is None else ids[0].tolist()
