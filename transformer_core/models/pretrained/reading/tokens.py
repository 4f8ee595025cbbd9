"""The tokenizer files of another's model, and the signs that they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Any, TypeVar

from transformer_core.glass.errors import GlassformerError
from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.models.pretrained.reading.older_tokens import Build
from transformer_core.models.pretrained.reading.signs import (
    NAMES,
    SETTINGS,
    added_signs,
    ids_of,
    text_of,
    told_of_signs,
)
from transformer_core.text.engines import Engine, FileEngine, SentencePieceEngine
from transformer_core.text.hub_tokenizer import HubTokenizer, Signs

FILE = "tokenizer.json"

T = TypeVar("T")


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


def one_tokenizer(
    folder: Folder,
    signs: Mapping[str, str],
    *,
    older: Mapping[tuple[str, ...], Build] = MappingProxyType({}),
    before: Sequence[str] = (),
    behind: Sequence[str] = (),
    gaps: str = "",
) -> Tokens:
    """Return the tokenizer of a folder: that of its tokenizer.json, or, without one, of the family's older files.

    Args:
        folder: of the model.
        signs: the text of each sign that the family's tokenizer has where no file names another.
        older: what builds a tokenizer of files of these names.
        before, behind: names of the signs that an older tokenizer puts around a text.
        gaps: how the signs for gaps are written, "{}" for the number of each; "" for none.

    Raises:
        CheckpointError: if there is none, or none that the library reads.
        MissingPackageError: if the tokenizer needs a package that is not installed.
    """
    settings, data = folder.json(SETTINGS) or {}, folder.read(FILE)
    if data is not None:
        engine, around = _built(folder, FILE, lambda: _of_file(data))
        named = _named(engine, signs, settings, folder)
    else:
        engine = _of_older_files(folder, settings, signs, older)
        named = _named(engine, signs, settings, folder)
        around = tuple(tuple(named[name] for name in names if name in named) for names in (before, behind))
    if "add_bos_token" in settings or "add_eos_token" in settings:  # these have the last word there, too
        around = tuple(
            (named[name],) if settings.get(f"add_{name}_token") and name in named else () for name in ("bos", "eos")
        )
    special = engine.signs | frozenset(named.values())
    tokenizer = HubTokenizer(
        engine,
        Signs(
            special=tuple(sorted(special)),
            gaps=tuple(_numbered(engine, gaps)) if gaps else (),
            before=around[0],
            behind=around[1],
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
    ids = {side: ids_of(folder, name) for side, name in (("source", "vocab.json"), ("target", "target_vocab.json"))}
    found = ids["source"]
    if found is None:
        raise folder.refusal("vocab.json", "is missing: it holds the ids of the pieces")
    pair, named = [], dict[str, int]()
    for side in ("target", "source"):
        table = ids[side] or found
        unknown = table.get(text_of(settings.get("unk_token")) or signs["unk"])
        if unknown is None:
            raise folder.refusal("vocab.json", f"has no {signs['unk']}, the piece for what it does not know")
        texts = {name: text_of(settings.get(f"{name}_token")) or text for name, text in signs.items()}
        named = {name: table[text] for name, text in texts.items() if text in table}
        engine = _spm(folder, f"{side}.spm", table, [text for text in texts.values() if text in table], unknown)
        special = tuple(sorted(set(named.values())))
        behind = (named["eos"],) if "eos" in named else ()
        pair.append(HubTokenizer(engine, Signs(special=special, behind=behind, unknown=unknown)))
    target, source = pair
    return Tokens(source, target, named)


def _numbered(engine: Engine, written: str) -> Iterator[int]:
    """The signs of a family of signs that the files name, from number 0 on."""
    for n in count():
        found = engine.find(written.format(n))
        if found is None or found not in engine.signs:
            return
        yield found


def _spm(folder: Folder, name: str, ids: Mapping[str, int], signs: list[str], unknown: int) -> Engine:
    data = folder.read(name)
    if data is None:
        raise folder.refusal(name, "is missing: it cuts a text into pieces")
    try:
        return SentencePieceEngine(data, ids, dict.fromkeys(signs, ""), unknown, codes=True)
    except ImportError:
        raise
    except Exception as error:  # a bare RuntimeError of the library
        raise folder.refusal(name, f"is not a file of SentencePiece ({error})") from error


def _of_file(data: bytes) -> tuple[Engine, tuple[tuple[int, ...], ...]]:
    engine = FileEngine(data.decode("utf-8"))
    return engine, engine.around()


def _of_older_files(
    folder: Folder, settings: Mapping[str, Any], signs: Mapping[str, str], older: Mapping[tuple[str, ...], Build]
) -> Engine:
    files = next((files for files in older if all(folder.small(name) is not None for name in files)), None)
    if files is not None:
        added = tuple(added_signs(folder, settings, signs))
        return _built(folder, files[0], lambda: older[files](folder, settings, added))
    others = "".join(f", and so is {' with '.join(names)}" for names in older)
    raise folder.refusal(
        FILE,
        f"is missing{others}: take the files of the tokenizer from where the model comes from. If there is none of "
        "these, transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes tokenizer.json",
    )


def _built(folder: Folder, name: str, build: Callable[[], T]) -> T:
    try:
        return build()
    except (KeyboardInterrupt, SystemExit, GlassformerError):
        raise
    except BaseException as error:  # the libraries raise bare ones, and panics of Rust are no Exception
        raise folder.refusal(name, f"is not a tokenizer file ({type(error).__name__}: {error})") from error


def _named(engine: Engine, signs: Mapping[str, str], settings: Mapping[str, Any], folder: Folder) -> dict[str, int]:
    """The ids of the signs: where no file names one, it is the family's own."""
    told = told_of_signs(folder, settings)
    texts = {name: text_of(told.get(f"{name}_token")) or signs.get(name, "") for name in NAMES}
    found = {name: engine.find(text) for name, text in texts.items() if text}
    return {name: i for name, i in found.items() if i is not None}
