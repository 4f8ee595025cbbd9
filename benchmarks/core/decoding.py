"""Decoding with every value, against Hugging Face's decoding with none."""

from __future__ import annotations

import torch

from benchmarks import shapes
from benchmarks.core.peers import marian_pair
from benchmarks.results import Row
from benchmarks.timing import interleaved
from transformer_core.decoding.decode import greedy
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace

N_WORDS = 32


def decode_rows(rounds: int = 9) -> list[Row]:
    """Return the row of a translation: our greedy decoding and one traced pass over what it wrote."""
    shape = shapes.MARIAN
    pair = marian_pair(shape)
    source = torch.randint(3, shape.vocab_size, (1, shape.n_tokens))

    def ours() -> list[int]:
        return greedy(pair.ours, source, max_length=N_WORDS)[0]

    def traced() -> Trace:
        written = ours()
        return run_with_trace(pair.ours, source[0].tolist(), [pair.ours.config.bos_id, *written[:-1]])

    @torch.inference_mode()
    def theirs() -> list[int]:
        written = pair.theirs.generate(
            source,
            attention_mask=torch.ones_like(source),
            num_beams=1,
            do_sample=False,
            min_new_tokens=N_WORDS,
            max_new_tokens=N_WORDS,
        )
        return written[0, 1:].tolist()  # without <s>

    if ours() != theirs() or len(ours()) != N_WORDS:
        raise RuntimeError(f"the two sides decode differently: {ours()} and {theirs()}")
    timing = interleaved({"traced": traced, "theirs": theirs}, rounds)
    what = f"decoding {N_WORDS} tokens with every value / Hugging Face generate: Marian, {shape}"
    return [Row("decode", what, 1.1, timing.ratio("traced", "theirs"))]
