"""Tokenizers of the kinds that Hugging Face's families have, as their library saves them, trained on a few lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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
    ">>fra<< the cat << two\nlines",
]


def hostile_texts(n: int) -> list[str]:
    """Return so many texts: those above, and further ones put together of their parts and of other characters."""
    random, found = Random(0), dict.fromkeys([*HOSTILE, *LINES[:5]])
    parts = [part for text in found for part in (text, *text.split())]
    while len(found) < n:
        any_characters = "".join(chr(random.randrange(0x20, 0x2FFF)) for _ in range(random.randrange(4)))
        drawn = [*random.choices(parts, k=random.randrange(1, 5)), any_characters]
        random.shuffle(drawn)
        found[random.choice(("", " ", "  ", "\n")).join(drawn)] = None
    return list(found)


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
def _pieces(**options: Any) -> bytes:
    """A file of SentencePiece."""
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=model, hard_vocab_limit=False, minloglevel=2, **options
    )
    return model.getvalue()


def sentencepiece_files(folder: Path) -> int:
    """Write source.spm, target.spm and vocab.json, padding last."""
    import sentencepiece

    data = _pieces(vocab_size=120, unk_id=1, eos_id=0, bos_id=-1)
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


def older_files(kind: str, **settings: Any) -> Callable[[Path], int]:
    """Return what writes the files that folders had before there was a tokenizer.json."""

    def write(folder: Path) -> int:
        model = json.loads(_trained(kind))["model"]
        if kind == "wordpiece":
            pieces = sorted(model["vocab"], key=lambda piece: model["vocab"][piece])
            (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
        else:
            (folder / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
            lines = ["#version: 0.2", *(" ".join(pair) for pair in model["merges"])]
            (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
        return len(model["vocab"]) + len(settings.get("added_tokens_decoder", ()))

    return write


def piece_file(name: str, more: int, settings: dict[str, Any], **options: Any) -> Callable[[Path], int]:
    """Return what writes a file of SentencePiece; a vocabulary holds so many `more` than the file."""

    def write(folder: Path) -> int:
        import sentencepiece

        data = _pieces(**options)
        (folder / name).write_bytes(data)
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
        return sentencepiece.SentencePieceProcessor(model_proto=data).get_piece_size() + more

    return write


_ADDED = {"lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "special": True}
_FOR_LLAMA = {"model_type": "bpe", "byte_fallback": True, "normalization_rule_name": "identity", "vocab_size": 400}
_FOR_LLAMA |= {"remove_extra_whitespaces": False, "split_digits": True, "unk_id": 0, "bos_id": 1, "eos_id": 2}
_FOR_T5 = {"vocab_size": 130, "pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
_FOR_XLM = {"vocab_size": 130, "unk_id": 0, "bos_id": 1, "eos_id": 2}

# Folders without a tokenizer.json, by their variant of `tests.core.hub` and what is special about them.
OLDER: dict[tuple[str, str], Callable[[Path], int]] = {
    ("gpt2", ""): older_files("bytes"),
    ("gpt2", "a space in front"): older_files("bytes", add_prefix_space=True),
    ("roberta", ""): older_files("roberta"),
    ("roberta", "with spaces"): older_files(
        "roberta", mask_token={"__type": "AddedToken", "content": "<mask>", **_ADDED}
    ),
    ("qwen2", ""): older_files("bytes"),
    ("qwen2", "with more signs"): older_files(
        "bytes",
        added_tokens_decoder={
            "330": {"content": "<|im_start|>", **_ADDED, "lstrip": False},
            "331": {"content": "hello", **_ADDED, "lstrip": False, "special": False},
        },
    ),
    ("bert", ""): older_files("wordpiece"),
    ("bert", "with letters as they are"): older_files(
        "wordpiece", do_lower_case=False, strip_accents=True, tokenize_chinese_chars=False
    ),
    ("distilbert", ""): older_files("wordpiece"),
    ("t5", ""): piece_file("spiece.model", 100, {}, **_FOR_T5),
    ("t5", "three gaps"): piece_file("spiece.model", 3, {"extra_ids": 3}, **_FOR_T5),
    ("xlm-roberta", ""): piece_file("sentencepiece.bpe.model", 2, {}, **_FOR_XLM),
    ("xlm-roberta", "with spaces"): piece_file(
        "sentencepiece.bpe.model",
        2,
        {"mask_token": {"__type": "AddedToken", "content": "<mask>", **_ADDED}},
        **_FOR_XLM,
    ),
    ("llama", ""): piece_file("tokenizer.model", 0, {"add_bos_token": True}, **_FOR_LLAMA),
    ("llama", "before a change"): piece_file(
        "tokenizer.model", 0, {"add_bos_token": True, "legacy": True}, **_FOR_LLAMA
    ),
}
