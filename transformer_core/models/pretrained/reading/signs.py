"""What the files of a folder say of the signs of its tokenizer: their texts, and those added to the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tokenizers import AddedToken

from transformer_core.models.pretrained.reading.folder import Folder

SETTINGS, SPECIAL, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"
NAMES = ("bos", "eos", "unk", "pad", "cls", "sep", "mask")
_SIDES = ("lstrip", "rstrip", "single_word")


def told_of_signs(folder: Folder, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that name signs: what the settings say goes before the other file."""
    return {**(folder.json(SPECIAL) or {}), **{name: one for name, one in settings.items() if one is not None}}


def text_of(told: Any) -> str:
    """Return the text of a sign, which the files tell as it is or with how it is found in texts; "" for none."""
    text = told.get("content") if isinstance(told, Mapping) else told
    return text if isinstance(text, str) else ""


def ids_of(folder: Folder, name: str) -> dict[str, int] | None:
    """Return the id of each piece that a JSON file holds; None if there is no such file."""
    table = folder.json(name)
    if table is not None and not all(isinstance(i, int) and not isinstance(i, bool) and i >= 0 for i in table.values()):
        raise folder.refusal(name, "must hold the id of each piece")
    return table


def added_signs(folder: Folder, settings: Mapping[str, Any], defaults: Mapping[str, str]) -> Iterator[AddedToken]:
    """Yield what the files add to a vocabulary, in the order of its ids, and every sign that has a name."""
    told = told_of_signs(folder, settings)
    further = told.get("extra_special_tokens") or told.get("additional_special_tokens") or ()
    signs = [told.get(f"{name}_token") or defaults.get(name, "") for name in NAMES]
    signs += further.values() if isinstance(further, Mapping) else further
    special = {text_of(one) for one in signs}
    decoder = settings.get("added_tokens_decoder") or {}
    rows = [decoder[i] for i in sorted(decoder, key=int)]
    if not rows:
        older = ids_of(folder, ADDED) or {}
        rows = sorted(older, key=lambda text: older[text])
    for one in rows:
        said = bool(one.get("special")) if isinstance(one, Mapping) else False
        yield _sign(one, special=said or text_of(one) in special)
    there = {text_of(one) for one in rows}
    yield from (_sign(one, special=True) for one in signs if text_of(one) and text_of(one) not in there)


def _sign(one: Any, *, special: bool) -> AddedToken:
    sides = {name: bool(one.get(name)) for name in _SIDES} if isinstance(one, Mapping) else {}
    return AddedToken(text_of(one), special=special, normalized=False, **sides)
