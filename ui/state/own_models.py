"""The reader's own models: folders and names on a hub, from the command line, or opened by a reader of this machine.

A page opens no path unless `--any-model` says so: what comes from a browser is a name, and a name that is not here is
none.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType

from transformer_core.models.files import bundled_models
from transformer_core.models.pretrained.reading.hub import Progress, find_on_hub, is_hub_name
from transformer_core.models.pretrained.reading.opening import check_folder
from ui.frame.text import t
from ui.state.shared.memory import free_bytes

SHORT = 7  # digits of a commit in a name
LOOPBACK = ("127.0.0.1", "localhost", "::1")  # addresses that no other machine reaches


@dataclass(frozen=True)
class Own:
    """Where a model of the reader's own is.

    Attributes:
        place: its folder, or its name on a hub.
        revision: the commit of one on a hub; None for a folder.
    """

    place: str
    revision: str | None = None


_OWN: dict[str, Own] = {}
_ADDING = Lock()
_allowed: set[str] = set()


def own_models() -> Mapping[str, Own]:
    """Return where each is, by its name, in the order in which they were named."""
    return MappingProxyType(_OWN)


def any_model() -> bool:
    """Return whether a reader may open any folder and any name on a hub, in a page."""
    return bool(_allowed)


def add_own_models(arguments: Sequence[str], address: str | None, program: str | None = None) -> tuple[str, ...]:
    """Take what stands behind `streamlit run app.py --`, and return the names of the models that it adds.

    Args:
        arguments: --model FOLDER_OR_NAME, as often as wanted, and --any-model.
        address: to which the server listens; None for every one of this machine.
        program: what the message of an error begins with.

    Raises:
        SystemExit: if an argument is none of those that are known, or --any-model would let other machines open paths.
        GlassformerError: if a model on a hub cannot be found.
    """
    parser = argparse.ArgumentParser(prog=program, allow_abbrev=False)
    parser.add_argument("--model", action="append", default=[], metavar="FOLDER_OR_NAME")
    parser.add_argument("--any-model", action="store_true")
    given = parser.parse_args(arguments)
    if given.any_model:
        if address not in LOOPBACK:
            parser.error(t("log.any_model", "en"))
        _allowed.add("any")
    before = set(_OWN)
    names = [add_own(place) for place in given.model]
    return tuple(dict.fromkeys(name for name in names if name not in before))


def add_own(place: str, progress: Progress | None = None) -> str:
    """Return the name under which a folder or a name on a hub is found; one on a hub is fetched if it is not here.

    A folder's model is called as the folder, and a number follows where that is taken; one on a hub by its name there
    and its commit. Behind an @ stands the revision of one on a hub, if it is not the main one.

    Raises:
        GlassformerError: if a model on a hub cannot be found, or is of no known family.
    """
    if place in _OWN:
        return place
    path, (name, _, revision) = Path(place).expanduser(), place.partition("@")
    if path.is_dir() or not is_hub_name(name):
        return _add(path.resolve().name, Own(str(path.resolve())))
    found = find_on_hub(name, revision or None, check_folder, weight_bytes=free_bytes(), progress=progress)
    return _add(f"{name}@{found.revision[:SHORT]}", Own(name, found.revision))


def forget_own(name: str) -> None:
    """Take a model off the list, one that could not be opened."""
    _OWN.pop(name, None)


def _add(wanted: str, own: Own) -> str:
    with _ADDING:
        if own in _OWN.values():
            return next(name for name, one in _OWN.items() if one == own)
        name, n = wanted, 1
        while name in _OWN or name in bundled_models():
            n += 1
            name = f"{wanted} ({n})"
        _OWN[name] = own
        return name
