"""What files of the first format say, in today's records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformer_core.glass.plan import Plan
from transformer_core.glass.words import Word, Words
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans import SOURCE, TARGET, transformer_plan

_SPECIAL = ("<pad>", "<s>", "</s>")


def plan_and_words(header: Mapping[str, Any]) -> tuple[Plan, dict[str, Words]]:
    """Return the plan and the words of a saved trace.

    Raises:
        ConfigError, KeyError, TypeError: if they are not what the first format wrote.
    """
    config = TransformerConfig.from_dict(header["config"])
    source, target, written = (_row(header[f"{name}_tokens"]) for name in ("source", "target", "written"))
    ids = tuple(int(i) for i in header["written_ids"])
    words: dict[str, Words] = {}
    if config.has_encoder:
        words[SOURCE] = Words(source)
    if config.has_decoder:
        words[TARGET] = Words(target, written, ids)
    return transformer_plan(config), words


def _row(texts: Any) -> tuple[Word, ...]:
    # Who wrote the words these files do not say; signs were never typed: a typed "<s>" was three characters.
    return tuple(Word(str(text), str(text) in _SPECIAL, str(text) not in _SPECIAL) for text in texts)
