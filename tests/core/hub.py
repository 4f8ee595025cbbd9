"""Tiny random models of Hugging Face's families, saved with tokenizers of their kind as their library saves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.core.hf import maker, with_random_weights
from tests.core.hub_tokenizers import BERT_WORDS, GPT_WORDS, LLAMA_WORDS, ROBERTA_WORDS, T5_WORDS, sentencepiece_files
from transformer_core.transformer.config import TransformerConfig

ROWS = 29  # positions


@dataclass(frozen=True)
class Variant:
    """One kind of checkpoint.

    Attributes:
        make: theirs, given how many words there are.
        tokenizer: writes the files of its tokenizer into a folder, and returns how many words there are.
        able: what such a model can do.
    """

    make: Callable[[int], Any]
    tokenizer: Callable[[Path], int]
    able: frozenset[str]


WRITES = frozenset({"writes", "predicts_next"})
TRANSLATES = frozenset({"writes", "translates"})
FILLS = frozenset({"embeds", "fills"})
FILLS_GAPS = TRANSLATES | {"fills_gaps"}


def _one(model: str, config: str, **fields: Any) -> Callable[[int], Any]:
    return lambda words: maker(model, config, **fields)(vocab_size=words)


_GPT2 = {"n_positions": ROWS, "n_embd": 12, "n_layer": 2, "n_head": 3, "n_inner": 10}
_GPT2 |= {"bos_token_id": 0, "eos_token_id": 0}
_OTHER_GPT2 = {"scale_attn_weights": False, "activation_function": "relu", "tie_word_embeddings": False}
_BERT = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 10}
_DISTIL = {"max_position_embeddings": ROWS, "n_layers": 2, "n_heads": 3, "dim": 12, "hidden_dim": 10}
_T5 = {"d_model": 12, "d_kv": 6, "d_ff": 10, "num_layers": 2, "num_heads": 3, "decoder_start_token_id": 0}
_T5 |= {"n_positions": ROWS, "relative_attention_num_buckets": 8, "relative_attention_max_distance": 11}
_LLAMA = {"hidden_size": 12, "intermediate_size": 10, "num_hidden_layers": 2, "num_attention_heads": 6}
_LLAMA |= {"num_key_value_heads": 2, "max_position_embeddings": ROWS, "bos_token_id": 0, "eos_token_id": 0}


def _untied(model: str, config: str, **fields: Any) -> Callable[[int], Any]:
    def make(words: int) -> Any:
        made = _one(model, config, **fields)(words)
        made.lm_head.weight = torch.nn.Parameter(torch.empty_like(made.lm_head.weight))
        return made

    return make


def _marian(**more: Any) -> Callable[[int], Any]:
    def make(words: int) -> Any:
        sides = {f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in _SIDE.items()}
        ids = {"pad_token_id": words - 1, "decoder_start_token_id": words - 1, "eos_token_id": 0}
        sizes = {"d_model": 12, "max_position_embeddings": ROWS, "decoder_vocab_size": words}
        fields = {"activation_function": "swish", "scale_embedding": True, "forced_eos_token_id": None}
        return _one("MarianMTModel", "MarianConfig", **sides | ids | sizes | fields | more)(words)

    return make


_SIDE = {"layers": 2, "attention_heads": 3, "ffn_dim": 10}


def _bert(model: str, **more: Any) -> Callable[[int], Any]:
    return _one(model, "BertConfig", max_position_embeddings=ROWS, pad_token_id=0, **_BERT, **more)


VARIANTS: dict[str, Variant] = {
    "gpt2": Variant(_one("GPT2LMHeadModel", "GPT2Config", **_GPT2), GPT_WORDS, WRITES),
    "gpt2 with other parts": Variant(
        _one("GPT2LMHeadModel", "GPT2Config", **_GPT2, **_OTHER_GPT2),
        GPT_WORDS,
        WRITES,
    ),
    "bert": Variant(_bert("BertForMaskedLM"), BERT_WORDS, FILLS),
    "bert for pretraining": Variant(_bert("BertForPreTraining"), BERT_WORDS, FILLS),
    "bert without a head": Variant(_bert("BertModel"), BERT_WORDS, frozenset({"embeds"})),
    "roberta": Variant(
        _one(
            "RobertaForMaskedLM", "RobertaConfig", max_position_embeddings=ROWS + 2, type_vocab_size=1,
            pad_token_id=1, bos_token_id=0, eos_token_id=2, **_BERT,
        ),
        ROBERTA_WORDS,
        FILLS,
    ),
    "xlm-roberta": Variant(
        _one(
            "XLMRobertaForMaskedLM", "XLMRobertaConfig", max_position_embeddings=ROWS + 2, type_vocab_size=1,
            pad_token_id=1, bos_token_id=0, eos_token_id=2, **_BERT,
        ),
        ROBERTA_WORDS,
        FILLS,
    ),
    "distilbert": Variant(
        _one("DistilBertForMaskedLM", "DistilBertConfig", pad_token_id=0, **_DISTIL), BERT_WORDS, FILLS
    ),
    "marian": Variant(_marian(), sentencepiece_files, TRANSLATES),
    "marian, two tables": Variant(
        _marian(share_encoder_decoder_embeddings=False, activation_function="relu", scale_embedding=False),
        sentencepiece_files,
        TRANSLATES,
    ),
    "t5": Variant(_one("T5ForConditionalGeneration", "T5Config", **_T5), T5_WORDS, FILLS_GAPS),
    "t5 1.1": Variant(
        _untied(
            "T5ForConditionalGeneration", "T5Config", **_T5, feed_forward_proj="gated-gelu",
            tie_word_embeddings=False, num_decoder_layers=1,
        ),
        T5_WORDS,
        FILLS_GAPS,
    ),
    "mt5": Variant(
        _one("MT5ForConditionalGeneration", "MT5Config", **_T5, feed_forward_proj="gated-gelu"), T5_WORDS, FILLS_GAPS
    ),
    "llama": Variant(
        _one("LlamaForCausalLM", "LlamaConfig", **_LLAMA, head_dim=4, tie_word_embeddings=True), LLAMA_WORDS, WRITES
    ),
    "llama, slower positions and biases": Variant(
        _one(
            "LlamaForCausalLM", "LlamaConfig", **_LLAMA, attention_bias=True,
            rope_parameters={"rope_type": "linear", "rope_theta": 500.0, "factor": 2.5},
        ),
        LLAMA_WORDS,
        WRITES,
    ),
    "qwen2": Variant(_one("Qwen2ForCausalLM", "Qwen2Config", **_LLAMA), LLAMA_WORDS, WRITES),
    "mistral": Variant(
        _one("MistralForCausalLM", "MistralConfig", **_LLAMA, sliding_window=20), LLAMA_WORDS, WRITES
    ),
}  # fmt: skip


def save_variant(name: str, folder: Path, *, seed: int = 1, tokenizer: Callable[[Path], int] | None = None) -> Any:
    """Write a checkpoint, and return the model that was saved, in eval mode and in the default precision.

    Args:
        name: of the variant.
        folder: of the checkpoint.
        seed: of its weights.
        tokenizer: writes the files of another tokenizer than the variant's.
    """
    variant = VARIANTS[name]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    theirs = with_random_weights(variant.make((tokenizer or variant.tokenizer)(folder)))
    if hasattr(theirs, "final_logits_bias"):
        theirs.final_logits_bias.mul_(0.1)
        theirs.final_logits_bias[0, -1] = 3.0  # padding would often be written
    theirs.save_pretrained(folder)
    return theirs


def told(output: Any, config: TransformerConfig) -> dict[str, Any]:
    """What their model tells of a pass, under our keys."""
    found = {"head.logits": output.logits} if hasattr(output, "logits") else {}
    if hasattr(output, "prediction_logits"):
        found = {"head.logits": output.prediction_logits}
    stacks = {stack: (f"{stack}_hidden_states", f"{stack}_attentions") for stack in ("encoder", "decoder")}
    if not config.has_cross_attention:
        stacks = {"decoder" if config.has_decoder else "encoder": ("hidden_states", "attentions")}
    counts = {"encoder": config.n_encoder_layers, "decoder": config.n_decoder_layers}
    for stack, (hidden, attentions) in stacks.items():
        states, maps = getattr(output, hidden), getattr(output, attentions)
        assert (len(states), len(maps)) == (counts[stack] + 1, counts[stack])
        found[f"{stack}.out"] = states[-1]
        found |= {f"{stack}.{i}.input": state for i, state in enumerate(states[:-1])}
        found |= {f"{stack}.{i}.self_attn.weights": one for i, one in enumerate(maps)}
    if config.has_cross_attention:
        found |= {f"decoder.{i}.cross_attn.weights": one for i, one in enumerate(output.cross_attentions)}
    return found
