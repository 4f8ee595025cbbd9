"""The files of a folder that somebody else wrote: small enough to be read, and not out of the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformer_core.glass.errors import CheckpointError

MEGABYTE = 2**20
_LIMITS = {"config.json": 1, "tokenizer.json": 64, "vocab.json": 16}  # in megabytes
_OTHERS = 16


class Folder:
    """A folder whose files are read by their plain names.

    Attributes:
        path: of it.
    """

    def __init__(self, path: Path, root: Path | None = None) -> None:
        """Open a folder.

        Args:
            path: of it.
            root: the folder that links may lead to; its own without.
        """
        self.path, self._root = path, (root or path).resolve()

    def find(self, name: str) -> Path | None:
        """Return the path of a file; None if there is none.

        Raises:
            CheckpointError: if the name is no plain name, or the file is a link out of the folder, or no file.
        """
        if not name or name in (".", "..") or Path(name).name != name or "\\" in name:
            raise self.refusal(name, "is no name of a file in this folder")
        path = self.path / name
        if not path.exists():
            if path.is_symlink():
                raise self.refusal(name, "is a link to nowhere")
            return None
        if not path.resolve().is_relative_to(self._root):
            raise self.refusal(name, "is a link that leads out of the folder, and is not followed: copy the file here")
        if not path.is_file():
            raise self.refusal(name, "is no file")
        return path

    def small(self, name: str) -> Path | None:
        """Return the path of a file that may be read as a whole; None if there is none.

        Raises:
            CheckpointError: as in `find`, or if it is larger than such a file may be.
        """
        path = self.find(name)
        most = _LIMITS.get(name, _OTHERS) * MEGABYTE
        if path is not None and (size := path.stat().st_size) > most:
            raise self.refusal(name, f"has {size:,} bytes; such a file may have {most // MEGABYTE} MB")
        return path

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None if there is none.

        Raises:
            CheckpointError: as in `small`, or if it cannot be read.
        """
        try:
            path = self.small(name)
            return None if path is None else path.read_bytes()
        except OSError as error:
            raise self.refusal(name, f"cannot be read: {error}") from error

    def json(self, name: str) -> dict[str, Any] | None:
        """Return the object in a JSON file; None if there is none. Errors as in `read`, and for what is no object."""
        data = self.read(name)
        if data is None:
            return None
        try:
            value = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise self.refusal(name, f"cannot be read as JSON: {error}") from error
        if not isinstance(value, dict):
            raise self.refusal(name, f"must hold a JSON object, not {type(value).__name__}")
        return value

    def refusal(self, name: str, what: str) -> CheckpointError:
        """Return the error of a file."""
        return CheckpointError(f"{self.path / name} {what}", path=str(self.path / name), name=name)
