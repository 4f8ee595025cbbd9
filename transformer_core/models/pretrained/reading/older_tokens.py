"""Tokenizers of folders without a tokenizer.json, made of the files that a family had before there was one.

Each function here builds one from its folder, the fields of tokenizer_config.json and the signs that are added to the
vocabulary. What the files leave open is what the family's own tokenizer in `transformers` does by default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, WordPiece

from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.text.engines import Engine, FileEngine, SentencePieceEngine, sentencepiece_model
from transformer_core.text.shown import SPACE

Settings = Mapping[str, Any]
Build = Callable[[Folder, Settings, Sequence[AddedToken]], Engine]

VOCAB, MERGES, WORDS = "vocab.json", "merges.txt", "vocab.txt"
QWEN2 = (  # where Qwen2 cuts a text before pieces are joined
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SENTINELS = 100  # signs for gaps that T5 adds, where no file says how many


def byte_pairs(folder: Folder, settings: Settings, added: Sequence[AddedToken]) -> Engine:
    """Return the byte-level BPE of GPT-2 and RoBERTa: vocab.json and merges.txt."""
    inner = _byte_pairs(folder)
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=bool(settings.get("add_prefix_space")))
    return _engine(inner, added)


def qwen_byte_pairs(folder: Folder, settings: Settings, added: Sequence[AddedToken]) -> Engine:
    """Return that of Qwen2, which cuts numbers into digits and composes accents."""
    inner = _byte_pairs(folder)
    inner.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(QWEN2), behavior="isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=bool(settings.get("add_prefix_space")), use_regex=False)
    inner.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_only])
    return _engine(inner, added)


def word_pieces(folder: Folder, settings: Settings, added: Sequence[AddedToken]) -> Engine:
    """Return the WordPiece of BERT: vocab.txt."""
    unknown = str(settings.get("unk_token") or "[UNK]")
    inner = Tokenizer(WordPiece(WordPiece.read_file(str(folder.small(WORDS))), unk_token=unknown))
    inner.normalizer = normalizers.BertNormalizer(
        lowercase=settings.get("do_lower_case", True),
        handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
        strip_accents=settings.get("strip_accents"),
    )
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.decoder = decoders.WordPiece(prefix="##")
    return _engine(inner, added)


def t5_pieces(folder: Folder, settings: Settings, added: Sequence[AddedToken]) -> Engine:
    """Return the SentencePiece of T5: spiece.model, and behind its pieces the signs for gaps, the last one first."""
    data = folder.read("spiece.model") or b""
    ids = {piece: i for i, piece in enumerate(_pieces(data))}
    for n in reversed(range(int(settings.get("extra_ids", SENTINELS)))):
        ids.setdefault(f"<extra_id_{n}>", len(ids))
    gaps = [AddedToken(piece, special=True) for piece in ids if piece.startswith("<extra_id_")]
    return SentencePieceEngine(data, *_with(ids, [*added, *gaps]), unknown=ids.get("<unk>", 0))


def fairseq_pieces(folder: Folder, settings: Settings, added: Sequence[AddedToken]) -> Engine:
    """Return the SentencePiece of XLM-R: sentencepiece.bpe.model, whose pieces stand behind four signs of fairseq's."""
    data = folder.read("sentencepiece.bpe.model") or b""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *list(_pieces(data))[3:], "<mask>"]
    ids = {piece: i for i, piece in enumerate(pieces)}
    return SentencePieceEngine(data, *_with(ids, added), unknown=ids["<unk>"])


def llama_pieces(folder: Folder, settings: Settings, added: Sequence[AddedToken]) -> Engine:
    """Return the BPE of Llama: tokenizer.model, a file of SentencePiece, whose pieces are joined in their order."""
    ids = {piece: i for i, piece in enumerate(_pieces(folder.read("tokenizer.model") or b""))}
    merges = [pair for piece in ids for pair in _halves(piece, ids)]
    inner = Tokenizer(BPE(ids, merges, fuse_unk=True, byte_fallback=True))
    spaced = settings.get("add_prefix_space") is not False
    where = ("always" if settings.get("legacy") else "first") if spaced else "never"
    inner.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme=where, split=False)
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    inner.decoder = decoders.Sequence([*steps, *([decoders.Strip(content=" ", left=1)] if spaced else [])])
    return _engine(inner, added)


def _byte_pairs(folder: Folder) -> Tokenizer:
    inner = Tokenizer(BPE(*BPE.read_file(str(folder.small(VOCAB)), str(folder.small(MERGES)))))
    inner.decoder = decoders.ByteLevel()
    return inner


def _engine(inner: Tokenizer, added: Sequence[AddedToken]) -> FileEngine:
    inner.add_tokens(list(added))
    return FileEngine(inner.to_str())


def _pieces(data: bytes) -> Iterator[str]:
    """The pieces of a file of SentencePiece, in their order."""
    model = sentencepiece_model(data)
    return (model.id_to_piece(i) for i in range(model.get_piece_size()))


def _halves(piece: str, ids: Mapping[str, int]) -> list[tuple[str, str]]:
    """The pairs of pieces that make up a piece."""
    pairs = ((piece[:n], piece[n:]) for n in range(1, len(piece)))
    return [(left, right) for left, right in pairs if left in ids and right in ids]


def _with(ids: Mapping[str, int], added: Sequence[AddedToken]) -> tuple[dict[str, int], dict[str, str]]:
    """The ids of all pieces, and how each sign is found in a text: those that are new stand behind the others."""
    whole = dict(ids)
    for sign in added:
        whole.setdefault(sign.content, len(whole))
    return whole, {sign.content: ("l" * sign.lstrip) + ("r" * sign.rstrip) for sign in added}
