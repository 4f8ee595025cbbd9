"""Checkpoints of the five families with real widths and random weights, saved and opened by both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import transformers  # whole: it loads a model only when it is named

from tests.core.hub_tokenizers import BERT_WORDS, GPT_WORDS, LLAMA_WORDS, T5_WORDS, sentencepiece_files
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass


@dataclass(frozen=True)
class Family:
    """One checkpoint.

    Attributes:
        model, config: the classes of theirs.
        fields: of the config.
        tokenizer: writes the files of a small tokenizer.
        reads, writes: whether it has an encoder, and a decoder.
    """

    model: str
    config: str
    fields: dict[str, Any]
    tokenizer: Callable[[Path], int]
    reads: bool = False
    writes: bool = True

    def make(self) -> Any:
        """Return theirs, with random weights."""
        torch.manual_seed(0)
        config = getattr(transformers, self.config)(**self.fields)
        return getattr(transformers, self.model)(config).eval()


# The shapes of gpt2, bert-base-uncased, opus-mt-en-fr, t5-small and SmolLM-135M.
FAMILIES = {
    "gpt2": Family("GPT2LMHeadModel", "GPT2Config", {"bos_token_id": 0, "eos_token_id": 0}, GPT_WORDS),
    "bert": Family("BertForMaskedLM", "BertConfig", {}, BERT_WORDS, reads=True, writes=False),
    "marian": Family(
        "MarianMTModel",
        "MarianConfig",
        {
            "d_model": 512,
            "encoder_layers": 6,
            "decoder_layers": 6,
            "encoder_attention_heads": 8,
            "decoder_attention_heads": 8,
            "encoder_ffn_dim": 2048,
            "decoder_ffn_dim": 2048,
            "activation_function": "swish",
            "max_position_embeddings": 512,
            "scale_embedding": True,
            "vocab_size": 59514,
            "pad_token_id": 59513,
            "decoder_start_token_id": 59513,
            "forced_eos_token_id": None,
        },
        sentencepiece_files,
        reads=True,
    ),
    "t5": Family(
        "T5ForConditionalGeneration",
        "T5Config",
        {"d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_heads": 8, "decoder_start_token_id": 0},
        T5_WORDS,
        reads=True,
    ),
    "llama": Family(
        "LlamaForCausalLM",
        "LlamaConfig",
        {
            "hidden_size": 576,
            "intermediate_size": 1536,
            "num_hidden_layers": 30,
            "num_attention_heads": 9,
            "num_key_value_heads": 3,
            "vocab_size": 49152,
            "tie_word_embeddings": True,
            "bos_token_id": 0,
            "eos_token_id": 0,
        },
        LLAMA_WORDS,
    ),
}


@contextmanager
def saved(name: str) -> Iterator[Path]:
    """Hold a checkpoint of a family in a folder."""
    transformers.logging.disable_progress_bar()
    family = FAMILIES[name]
    with TemporaryDirectory() as folder:
        path = Path(folder)
        family.make().save_pretrained(path)
        family.tokenizer(path)
        yield path


@dataclass(frozen=True)
class Opened:
    """One checkpoint on both sides.

    Attributes:
        family: of it.
        ours: our model with its tokenizers.
        theirs: the Hugging Face model.
    """

    family: Family
    ours: Glass
    theirs: Any


@contextmanager
def opened(name: str) -> Iterator[Opened]:
    """Open a checkpoint of a family on both sides."""
    with saved(name) as path:
        theirs = getattr(transformers, FAMILIES[name].model).from_pretrained(path).eval()
        assert theirs.config._attn_implementation == "sdpa" or name == "t5", "the fastest attention that it has"
        yield Opened(FAMILIES[name], load_model(path), theirs)
