"""The reader's own models: folders named on the command line, under the names that the menu shows.

A page opens no path: what comes from a browser is a name, and a name that is not here is none.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from transformer_core.models.files import bundled_models

_FOLDERS: dict[str, Path] = {}


def own_models() -> Mapping[str, Path]:
    """Return the folder of each, in the order in which they were named."""
    return MappingProxyType(_FOLDERS)


def add_own_models(arguments: Sequence[str], program: str | None = None) -> tuple[str, ...]:
    """Take what stands behind `streamlit run app.py --`, and return the names of the models that it adds.

    A model is called as its folder; where that is taken, a number follows. `program` is what the message of an error
    begins with.

    Raises:
        SystemExit: if an argument is none of those that are known; the message says which there are.
    """
    parser = argparse.ArgumentParser(prog=program, allow_abbrev=False)
    parser.add_argument("--model", action="append", default=[], type=Path, metavar="FOLDER")
    found = [path.expanduser().resolve() for path in parser.parse_args(arguments).model]
    return tuple(_add(path) for path in found if path not in _FOLDERS.values())


def _add(folder: Path) -> str:
    name, n = folder.name, 1
    while name in _FOLDERS or name in bundled_models():
        n += 1
        name = f"{folder.name} ({n})"
    _FOLDERS[name] = folder
    return name
