"""Tiny random models of Hugging Face's families, saved with tokenizers of their kind as their library saves them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tests.core.families import check_waves, hf
from transformer_core.transformer.config import TransformerConfig

LINES = [
    "Once upon a time there was a little cat, and the cat was very happy.",
    "The naïve café owner didn't know what to do with 1,234 apples!",
    "One day the sun was shining; she said: hello world, hello again.",
    "Das ist ein kleines Haus. 你好，世界。 Привет, мир!",
    "they were reading, writing and counting 5 6 7 8 9 0",
] * 4
HOSTILE = [
    "Hello, world!",
    "the cat sat on the mat",
    "  two  spaces   inside  and around ",
    "a\tb\nc\r\nd\u2028e\u00a0f",
    "naïve cafe\u0301 ﬁne Ａ①",
    "你好，世界。日本語 한국어",
    "👍🏽 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "שלום עולם مرحبا",
    "don't I'll l'homme",
    "1234567890 3.14 1,000",
    "\x00\x01\x7f\ufffd\ufeff\u200b",
    "<s> </s> <pad> <unk> [MASK] [CLS] <mask> <|endoftext|> <extra_id_0>",
    "the<mask>cat [MASK]sat</s>",
    "<0x41> ▁a Ġb ##c >>fra<< x",
    "A" * 300,
    " ",
    "\n",
    "unaffable ungebräuchlich Ελλάδα",
    "\U0010ffff\ue000",
]
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


@cache
def _trained(kind: str) -> str:
    """A tokenizer.json of a kind."""
    if kind == "wordpiece":
        inner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        inner.normalizer = normalizers.BertNormalizer(lowercase=True)
        inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        inner.train_from_iterator(
            LINES, trainers.WordPieceTrainer(vocab_size=160, special_tokens=special, show_progress=False)
        )
        inner.decoder = decoders.WordPiece()
        inner.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    elif kind == "unigram":
        inner = Tokenizer(models.Unigram())
        inner.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
        inner.pre_tokenizer = pre_tokenizers.Metaspace()
        inner.decoder = decoders.Metaspace()
        special = ["<pad>", "</s>", "<unk>"]
        trainer = trainers.UnigramTrainer(
            vocab_size=140, special_tokens=special, unk_token="<unk>", show_progress=False
        )
        inner.train_from_iterator(LINES, trainer)
        inner.post_processor = processors.TemplateProcessing(
            single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
        )
        inner.add_special_tokens([f"<extra_id_{i}>" for i in range(3)])
    else:
        inner = Tokenizer(models.BPE())
        inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        inner.decoder = decoders.ByteLevel()
        special = ["<|endoftext|>"] if kind == "bytes" else ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        inner.train_from_iterator(
            LINES,
            trainers.BpeTrainer(vocab_size=330, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
        )
        if kind == "roberta":
            inner.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return str(inner.to_str())


def file_tokenizer(kind: str, **signs: str) -> Callable[[Path], int]:
    """Return what writes a tokenizer.json of a kind, with the signs that its settings name."""

    def write(folder: Path) -> int:
        text = _trained(kind)
        (folder / "tokenizer.json").write_text(text, encoding="utf-8")
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", **signs}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
        return Tokenizer.from_str(text).get_vocab_size()

    return write


@cache
def _pieces() -> bytes:
    """A file of SentencePiece."""
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=model, vocab_size=120, unk_id=1, eos_id=0, bos_id=-1,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


def sentencepiece_files(folder: Path) -> int:
    """Write source.spm, target.spm and vocab.json, padding last."""
    import sentencepiece

    data = _pieces()
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    ids = {"</s>": 0, "<unk>": 1, ">>fra<<": 2}
    for i in range(processor.get_piece_size()):
        ids.setdefault(processor.id_to_piece(i), len(ids))
    ids["<pad>"] = len(ids)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(data)
    (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    settings = {"tokenizer_class": "MarianTokenizer", "source_lang": "eng", "target_lang": "fra"}
    settings |= {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return len(ids)


WRITES = frozenset({"writes", "predicts_next"})
TRANSLATES = frozenset({"writes", "translates"})
FILLS = frozenset({"embeds", "fills"})
GPT_WORDS = file_tokenizer("bytes", bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>")
BERT_WORDS = file_tokenizer(
    "wordpiece", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]", pad_token="[PAD]", unk_token="[UNK]"
)
ROBERTA_WORDS = file_tokenizer(
    "roberta", bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", mask_token="<mask>",
    pad_token="<pad>", unk_token="<unk>",
)  # fmt: skip
T5_WORDS = file_tokenizer("unigram", eos_token="</s>", unk_token="<unk>", pad_token="<pad>")
LLAMA_WORDS = file_tokenizer("bytes", bos_token="<|endoftext|>", eos_token="<|endoftext|>")


def _one(model: str, config: str, **fields: Any) -> Callable[[int], Any]:
    def make(words: int) -> Any:
        made = getattr(hf(), config)(vocab_size=words, attn_implementation="eager", **fields)
        return getattr(hf(), model)(made)

    return make


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
    "t5": Variant(_one("T5ForConditionalGeneration", "T5Config", **_T5), T5_WORDS, TRANSLATES),
    "t5 1.1": Variant(
        _untied(
            "T5ForConditionalGeneration", "T5Config", **_T5, feed_forward_proj="gated-gelu",
            tie_word_embeddings=False, num_decoder_layers=1,
        ),
        T5_WORDS,
        TRANSLATES,
    ),
    "mt5": Variant(
        _one("MT5ForConditionalGeneration", "MT5Config", **_T5, feed_forward_proj="gated-gelu"), T5_WORDS, TRANSLATES
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


def save_variant(name: str, folder: Path, *, seed: int = 1) -> Any:
    """Write a checkpoint, and return the model that was saved, in eval mode and in the default precision."""
    variant = VARIANTS[name]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    theirs = variant.make(variant.tokenizer(folder)).eval()
    with torch.no_grad():
        for key, weight in theirs.named_parameters():
            if "embed_positions" in key:
                check_waves(weight)
                continue
            noise = torch.randn_like(weight)
            weight.add_(0.3 * noise) if "norm" in key.lower() or "ln_" in key else weight.copy_(0.4 * noise)
        if hasattr(theirs, "final_logits_bias"):
            theirs.final_logits_bias.copy_(0.1 * torch.randn_like(theirs.final_logits_bias))
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
