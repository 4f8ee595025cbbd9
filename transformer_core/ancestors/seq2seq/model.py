"""Two chains of GRUs, one that reads a sentence and one that writes another (Cho et al. 2014; Sutskever et al. 2014).

All that the writer is told is the reader's state behind its last word: it begins with it, and reads it again at every
step, as in equation 8 of Cho et al. Its twin with attention begins with the same state, and reads at each step the
mean of all states of the reader, weighed by an additive score (Bahdanau, Cho & Bengio 2015). The state that asks is
the one before the word is read, s_{i-1} of their section 3.1. The rest is the same in both: one chain from the left
reads, where Bahdanau et al. have two, and the softmax multiplies by the table of words, without their maxout layer.

Letters: B batch, S source position, T target position, D width of vectors and states, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from transformer_core.ancestors.base import Ancestor, AncestorConfig, State, StateCache
from transformer_core.ancestors.cells import GRU
from transformer_core.ancestors.parts import Output, Table, word_table
from transformer_core.ancestors.seq2seq.look_back import LookBack
from transformer_core.ancestors.seq2seq.plan import seq2seq_plan
from transformer_core.glass.errors import ConfigError
from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.masks import padding_mask
from transformer_core.transformer.modules.dropout import Dropout
from transformer_core.transformer.records import check_at_least, check_rate


@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig(AncestorConfig):
    """The shape of a reader and a writer.

    Attributes:
        source_vocab_size: entries of the vocabulary that is read.
        d_model: width of the vectors and states; the softmax multiplies by the writer's table of words.
        tie_embeddings: whether both read one table.
        dropout: rate on what each chain reads and the writer hands on, in training.
    """

    family = "seq2seq"
    has_encoder = True
    source_vocab_size: int  # type: ignore[misc]
    d_model: int
    tie_embeddings: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        last_sign = max(self.pad_id, self.bos_id, self.eos_id)
        check_at_least(self, "", d_model=1, source_vocab_size=last_sign + 1)
        check_rate(self, "", "dropout")
        if self.tie_embeddings and self.source_vocab_size != self.vocab_size:
            raise ConfigError(
                f"tie_embeddings needs one vocabulary, not {self.source_vocab_size} entries and {self.vocab_size}",
                field="tie_embeddings",
            )


@dataclass(frozen=True, kw_only=True)
class AttentionSeq2SeqConfig(Seq2SeqConfig):
    """The same for the twin that looks back."""

    family = "seq2seq-attention"


class Reader(nn.Module):
    """The chain that reads the source."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.cell = GRU(width)


class Suitcase(nn.Module):
    """The same vector at each step: what the reader knew behind its last word."""

    def __init__(self) -> None:
        super().__init__()
        self.out = HookPoint()  # [B, T, D]

    def forward(self, last: Tensor, steps: int) -> Tensor:
        """Return the vector at each of so many steps: last [B, D] -> [B, T, D]."""
        carried: Tensor = self.out(last[:, None].expand(-1, steps, -1))
        return carried


class Writer(nn.Module):
    """The chain that writes, and what tells it of the source."""

    def __init__(self, width: int, *, attends: bool) -> None:
        super().__init__()
        if attends:
            self.cross_attn = LookBack(width)
        else:
            self.suitcase = Suitcase()
        self.cell = GRU(width, context=True)


class Seq2Seq(Ancestor):
    """Reads a sentence to its end, and then writes another."""

    config: Seq2SeqConfig

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__(config, seq2seq_plan(config))
        self.attends = isinstance(config, AttentionSeq2SeqConfig)
        width = config.d_model
        self.src_embed = Table(word_table(config.source_vocab_size, width))
        self.encoder = Reader(width)
        table = self.src_embed.W_E if config.tie_embeddings else word_table(config.vocab_size, width)
        self.tgt_embed = Table(table)
        self.decoder = Writer(width, attends=self.attends)
        self.head = Output(self.tgt_embed.W_E)
        self.dropout = Dropout(config.dropout)
        self._finish()

    def features(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the writer's states, [B, T, D]; arguments and errors as in `Transformer.forward`."""
        read, written = self.checked_ids("source", source), self.checked_ids("target", target, padded=padded)
        assert read is not None
        assert written is not None
        return self.decode(written, self._encode(read), read)

    def encode(self, source: Tensor) -> Tensor:
        """Return the reader's state behind each word, [B, S, D]; what stands behind padding means nothing."""
        read = self.checked_ids("source", source)
        assert read is not None
        return self._encode(read)

    def _encode(self, source: Tensor) -> Tensor:
        h: Tensor = self.encoder.cell(self.dropout(self.src_embed(source)), None, None)[0]
        return h

    def decode(
        self,
        target: Tensor,
        memory: Tensor | None,
        source: Tensor | None,
        caches: Sequence[StateCache] | None = None,
        *,
        real: Tensor | None = None,
    ) -> Tensor:
        """Return the writer's states at `target`, which follows whatever `caches` hold; arguments as elsewhere."""
        assert memory is not None
        assert source is not None
        (cache,) = caches if caches is not None else self.new_caches()
        n_words = (source != self.config.pad_id).sum(dim=1)  # [B]
        last = memory[torch.arange(len(memory), device=memory.device), n_words - 1]  # [B, D]
        x = self.dropout(self.tgt_embed(target))
        if self.attends:
            mask = padding_mask(source, 1, self.config.pad_id, memory.dtype)
            context = self.decoder.cross_attn.over(memory, mask)
        else:
            context = self.decoder.suitcase(last, target.shape[1])
        state = (last,) if cache.state is None else cache.state
        there = None if real is None else real[:, -target.shape[1] :]
        h, cache.state = self.decoder.cell(x, state, there, context)
        return self.dropout(h)

    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Refuse: what is written needs a source, and goes through `decode`."""
        raise NotImplementedError("a writer needs its source: use decode")
