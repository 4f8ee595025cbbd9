"""A model with its tokenizers: text in, text out, and every value in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch

from transformer_core.decoding.decode import decode, greedy
from transformer_core.decoding.reader import MakeListener
from transformer_core.decoding.records import Decoding, Record
from transformer_core.decoding.rules import GREEDY, Rule
from transformer_core.edits.parse import Edit, check_edits
from transformer_core.edits.run import as_listener, run_with_edits
from transformer_core.glass.arguments import checked
from transformer_core.glass.arguments import text as plain_text
from transformer_core.glass.errors import EmptyTextError, TargetError, TextTooLongError
from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer


@dataclass(frozen=True)
class Translation:
    """What a model wrote.

    Attributes:
        text: the words as text.
        ids: what was written, </s> included if it was.
        tokens: the same as readable pieces.
        stopped: "end" if the model wrote </s>, "limit" if it reached its longest output.
    """

    text: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    stopped: Literal["end", "limit"]


class Glass:
    """A trained Transformer that takes text; what `load_model` returns.

    Attributes:
        name: of the bundled model, or of its folder.
        model: the network, in eval mode.
        source_tokenizer, target_tokenizer: None for a side that is not there.
    """

    @checked()
    def __init__(
        self,
        name: str,
        model: Transformer,
        source_tokenizer: Tokenizer | None,
        target_tokenizer: Tokenizer | None,
    ) -> None:
        self.name = name
        self.model = model
        self.source_tokenizer, self.target_tokenizer = source_tokenizer, target_tokenizer

    @property
    def plan(self) -> Plan:
        """What the model says of itself."""
        return self.model.plan

    @property
    def config(self) -> TransformerConfig:
        """The shape of the model."""
        return self.model.config

    @checked("text")
    def translate(self, text: str) -> Translation:
        """Return the translation that the model writes when it always takes the most probable word.

        Raises:
            EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
            TargetError: if the model is not an encoder-decoder.
        """
        if not self.config.has_cross_attention:
            raise TargetError(
                f"{self.name} is {self.config.architecture}; only an encoder-decoder model translates",
                architecture=self.config.architecture,
            )
        return self._translation(greedy(self.model, torch.tensor([self.source_ids(text)]))[0])

    @checked("text", "target")
    def trace(self, text: str, target: str | None = None, *, edits: Sequence[Edit] = ()) -> Trace:
        """Return every value of one pass over a text.

        Args:
            text: the source; in a decoder-only model, the text it reads.
            target: what the decoder is made to write (teacher forcing); without it, the model's own translation.
            edits: what is changed in the pass. It reads the same words as without them, the model's own translation
                too, so that the two runs can be compared cell by cell; what it would write itself says `decode`.

        Raises:
            EmptyTextError, TextTooLongError: if a text has no token, or more than the model takes.
            TargetError: if a target is given and the model does not read a source and write a target.
            GlassformerError: as in `editing.run_with_edits`.
        """
        if target is not None and not self.config.has_cross_attention:
            raise TargetError(
                f"a target was given, but {self.name} is {self.config.architecture}: it takes one text only",
                architecture=self.config.architecture,
            )
        source = self.source_ids(text) if self.config.has_encoder else None
        if not self.config.has_decoder:
            return self._trace(source, None, edits)
        if source is None:
            written = self.target_ids(text)
        else:
            written = self.target_ids(target) if target is not None else list(self.translate(text).ids)
        return self._trace(source, written, edits)

    @checked("text", "max_length")
    def decode(
        self,
        text: str,
        rule: Rule = GREEDY,
        *,
        prefix: Sequence[int] = (),
        max_length: int | None = None,
        edits: Sequence[Edit] = (),
    ) -> Decoding:
        """Return what the model writes by a rule, with the record of every step.

        Args:
            text: the source; in a decoder-only model, the text that it goes on from.
            rule: `Greedy`, `Sampling` or `Beam`.
            prefix: ids that it is made to write first (in a decoder-only model, behind the text).
            max_length: at most this many words, those that were given included.
            edits: what is changed in every step. A step is then a pass over all words so far, without a cache, and an
                edit of a position acts from the step on in which the position is there.

        Raises:
            EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
            TargetError, ForcedWordsError, MaxLengthError: as in `decoding.decode`.
            GlassformerError: as in `editing.run_with_edits`.
        """
        return self._decode(text, [rule], [prefix], max_length, edits)[0]

    @checked("text")
    def decode_each(self, text: str, rules: Sequence[Rule], *, edits: Sequence[Edit] = ()) -> tuple[Decoding, ...]:
        """Return what the model writes for a text by each of several rules; arguments as in `decode`.

        Without edits in one batch; a listener edits one row at a time.
        """
        if edits:
            return tuple(self.decode(text, rule, edits=edits) for rule in rules)
        return self._decode(text, rules, [()] * len(rules), None, edits)

    @checked()
    def listener(self, edits: Sequence[Edit]) -> MakeListener | None:
        """Return what makes, from the ids of a pass, the listener that edits it; None for no edits."""
        return partial(as_listener, edits, self.model, encode=self._read_ids) if edits else None

    @checked()
    def trace_record(self, record: Record, *, edits: Sequence[Edit] = ()) -> Trace:
        """Return every value of one pass over the words of a decoding or of a teacher-forced pass.

        Row t is step t, unless the edits break causality.
        """
        return self._trace(None if record.source is None else list(record.source), list(record.ids), edits)

    @checked("text")
    def source_ids(self, text: str) -> list[int]:
        """Return the ids that the encoder reads for a text, </s> last.

        Raises:
            EmptyTextError, TextTooLongError: if there are none, or more than the model takes.
        """
        return self._ids(text, self.source_tokenizer, "source")

    @checked("text")
    def target_ids(self, text: str) -> list[int]:
        """Return the ids that the decoder has to write for a text, </s> last; errors as in `source_ids`."""
        return self._ids(text, self.target_tokenizer, "target")

    @checked()
    def unseen(self, text: str) -> tuple[str, ...]:
        """Return the words or characters of a text that training never saw."""
        tokenizer = self.source_tokenizer or self.target_tokenizer
        assert tokenizer is not None
        return tokenizer.unseen(text)

    @checked()
    def unseen_flags(self, text: str) -> tuple[bool, ...]:
        """Return for each position of `text`, </s> included, whether training never saw its word or character."""
        tokenizer = self.source_tokenizer or self.target_tokenizer
        assert tokenizer is not None
        return (*tokenizer.unseen_flags(text), False)

    def _decode(
        self,
        text: str,
        rules: Sequence[Rule],
        prefixes: Sequence[Sequence[int]],
        max_length: int | None,
        edits: Sequence[Edit],
    ) -> tuple[Decoding, ...]:
        source = None
        if self.config.has_encoder:
            source = torch.tensor([self.source_ids(text)] * len(rules))
        else:
            begin = self.target_ids(text)[:-1]  # without </s>, to go on from
            prefixes = [[*begin, *prefix] for prefix in prefixes]
        n_source = 0 if source is None else source.shape[1]
        check_edits(edits, self.plan, {"source": n_source, "target": self.config.max_length})
        given = prefixes if any(prefixes) else None
        return decode(self.model, source, rules, prefixes=given, max_length=max_length, edit=self.listener(edits))

    def _ids(self, text: str, tokenizer: Tokenizer | None, side: str) -> list[int]:
        if tokenizer is None:
            raise TargetError(f"{self.name} has no {side} tokenizer", architecture=self.config.architecture)
        ids = tokenizer.encode(plain_text(f"the {side} text", text))
        if not ids:
            raise EmptyTextError(f"the {side} {text!r} has no words; give at least one", side=side, text=text)
        limit = self.config.max_length - 1  # one place is for </s>, or for <s> on the reading side
        if len(ids) > limit:
            raise TextTooLongError(
                f"the {side} has {len(ids)} tokens, and {self.name} takes at most {limit}",
                side=side,
                n_tokens=len(ids),
                limit=limit,
            )
        return [*ids, self.config.eos_id]

    def _translation(self, ids: list[int]) -> Translation:
        assert self.target_tokenizer is not None
        ended = ids[-1:] == [self.config.eos_id]
        text, tokens = self.target_tokenizer.decode(ids), self.target_tokenizer.pieces(ids)
        return Translation(text, tuple(ids), tokens, "end" if ended else "limit")

    def _read_ids(self, text: str) -> list[int]:
        """What the model reads of a text: its encoder, or, without one, its decoder."""
        return self.source_ids(text) if self.config.has_encoder else [self.config.bos_id, *self.target_ids(text)[:-1]]

    def _trace(self, source: list[int] | None, written: list[int] | None, edits: Sequence[Edit] = ()) -> Trace:
        read = None if written is None else [self.config.bos_id, *written[:-1]]
        return run_with_edits(
            self.model,
            source,
            read,
            edits,
            encode=self._read_ids,
            source_tokens=self.source_tokenizer.pieces(source) if self.source_tokenizer and source else (),
            target_tokens=self.target_tokenizer.pieces(read) if self.target_tokenizer and read else (),
            written_tokens=self.target_tokenizer.pieces(written) if self.target_tokenizer and written else (),
            written_ids=written or (),
        )
