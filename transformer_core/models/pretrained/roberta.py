"""RoBERTa (Liu et al. 2019): BERT whose positions begin behind the id of padding, with another head."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from transformer_core.models.pretrained.bert import HARMLESS, encoder, stack_rows
from transformer_core.models.pretrained.reading.family import Family, Row, copied, joined, linear, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.older_tokens import MERGES, VOCAB, byte_pairs, fairseq_pieces
from transformer_core.models.pretrained.reading.tokens import Tokens, one_tokenizer
from transformer_core.transformer.config import TransformerConfig

HEAD = "lm_head"


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of RoBERTa describes."""
    pad = fields.id("pad_token_id")
    if pad is None:
        raise fields.refusal("pad_token_id", "an id: positions begin behind it")
    return encoder(fields, tokens, has_head=f"{HEAD}.bias" in names, offset=pad + 1)


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table."""
    return joined(
        stack_rows((f"{HEAD}.decoder.weight",)),
        linear("head", "dense", f"{HEAD}.dense"),
        norm("head.ln", f"{HEAD}.layer_norm"),
        copied("head.b", f"{HEAD}.bias", f"{HEAD}.decoder.bias"),
    )


OLDER = {(VOCAB, MERGES): byte_pairs, ("sentencepiece.bpe.model",): fairseq_pieces}

FAMILY = Family(
    model_types=("roberta", "xlm-roberta"),
    config=config,
    rows=rows,
    signs={"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "unk": "<unk>", "pad": "<pad>", "mask": "<mask>"},
    tokens=partial(one_tokenizer, older=OLDER, before=("cls",), behind=("sep",)),
    prefixes=("roberta.",),
    harmless=HARMLESS,
)
