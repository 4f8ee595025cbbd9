"""The tokenizer files of another's model, and the signs that they tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.text.engines import Engine, FileEngine, SentencePieceEngine
from transformer_core.text.hub_tokenizer import HubTokenizer, Signs

FILE, SETTINGS, SPECIAL = "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"
_NAMES = ("bos", "eos", "unk", "pad", "cls", "sep", "mask")


@dataclass(frozen=True)
class Tokens:
    """The tokenizers of a model, and the ids of the signs that its files name.

    Attributes:
        source, target: of what is read and of what is written; the same one where they share it.
        named: the id of each of "bos", "eos", "unk", "pad", "cls", "sep", "mask" that there is.
    """

    source: HubTokenizer
    target: HubTokenizer
    named: Mapping[str, int]

    def id(self, *names: str) -> int | None:
        """Return the id of the first of these signs that there is."""
        return next((self.named[name] for name in names if name in self.named), None)


def one_tokenizer(folder: Folder, signs: Mapping[str, str]) -> Tokens:
    """Return the tokenizer of a tokenizer.json.

    Args:
        folder: of the model.
        signs: the text of each sign that the family's tokenizer has where no file names another.

    Raises:
        CheckpointError: if there is none, or none that the library reads.
    """
    data = folder.read(FILE)
    if data is None:
        raise folder.refusal(FILE, "is missing: the model's own tokenizer is read from that file")
    try:
        engine = FileEngine(data.decode("utf-8"))
        before, behind = engine.around()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library raises bare ones, and panics of Rust are no Exception
        raise folder.refusal(FILE, f"is not a tokenizer file ({type(error).__name__}: {error})") from error
    settings = folder.json(SETTINGS) or {}
    named = _named(engine, signs, settings, folder)
    if "add_bos_token" in settings or "add_eos_token" in settings:  # these have the last word there, too
        before, behind = (
            (named[name],) if settings.get(f"add_{name}_token") and name in named else () for name in ("bos", "eos")
        )
    special = engine.signs | frozenset(named.values())
    tokenizer = HubTokenizer(
        engine,
        Signs(
            special=tuple(sorted(special)),
            before=before,
            behind=behind,
            mask=named.get("mask"),
            unknown=None if engine.style == "bytes" else named.get("unk"),  # bytes spell everything
        ),
    )
    return Tokens(tokenizer, tokenizer, named)


def sentencepiece_pair(folder: Folder, signs: Mapping[str, str]) -> Tokens:
    """Return the tokenizers of source.spm and target.spm, whose pieces have their ids in vocab.json.

    Raises:
        CheckpointError: if a file is missing, or not what it should be.
        MissingPackageError: if the package `sentencepiece` is not installed.
    """
    settings = folder.json(SETTINGS) or {}
    ids = {side: _ids(folder, name) for side, name in (("source", "vocab.json"), ("target", "target_vocab.json"))}
    found = ids["source"]
    if found is None:
        raise folder.refusal("vocab.json", "is missing: it holds the ids of the pieces")
    pair, named = [], dict[str, int]()
    for side in ("target", "source"):
        table = ids[side] or found
        unknown = table.get(_text(settings.get("unk_token")) or signs["unk"])
        if unknown is None:
            raise folder.refusal("vocab.json", f"has no {signs['unk']}, the piece for what it does not know")
        texts = {name: _text(settings.get(f"{name}_token")) or text for name, text in signs.items()}
        named = {name: table[text] for name, text in texts.items() if text in table}
        engine = _spm(folder, f"{side}.spm", table, [text for text in texts.values() if text in table], unknown)
        special = tuple(sorted(set(named.values())))
        behind = (named["eos"],) if "eos" in named else ()
        pair.append(HubTokenizer(engine, Signs(special=special, behind=behind, unknown=unknown)))
    target, source = pair
    return Tokens(source, target, named)


def _spm(folder: Folder, name: str, ids: Mapping[str, int], signs: list[str], unknown: int) -> Engine:
    data = folder.read(name)
    if data is None:
        raise folder.refusal(name, "is missing: it cuts a text into pieces")
    try:
        return SentencePieceEngine(data, ids, signs, unknown)
    except ImportError:
        raise
    except Exception as error:  # a bare RuntimeError of the library
        raise folder.refusal(name, f"is not a file of SentencePiece ({error})") from error


def _ids(folder: Folder, name: str) -> dict[str, int] | None:
    table = folder.json(name)
    if table is not None and not all(isinstance(i, int) and not isinstance(i, bool) and i >= 0 for i in table.values()):
        raise folder.refusal(name, "must hold the id of each piece")
    return table


def _named(engine: Engine, signs: Mapping[str, str], settings: Mapping[str, Any], folder: Folder) -> dict[str, int]:
    """The ids of the signs: what the settings say goes before the other file, and that before the family's own."""
    told = {**(folder.json(SPECIAL) or {}), **{name: one for name, one in settings.items() if one is not None}}
    texts = {name: _text(told.get(f"{name}_token")) or signs.get(name, "") for name in _NAMES}
    found = {name: engine.find(text) for name, text in texts.items() if text}
    return {name: i for name, i in found.items() if i is not None}


def _text(told: Any) -> str:
    """The text of a sign, which the files tell as it is or with how it is found in texts."""
    text = told.get("content") if isinstance(told, Mapping) else told
    return text if isinstance(text, str) else ""
