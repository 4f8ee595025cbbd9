"""Where the files lie that come with the package and are no code: bundled models, tables of words, test sentences."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from transformer_core.glass.errors import MissingPackageError


def find_assets(package: Path) -> Path:
    """Return the folder of assets that belongs to this folder of the package.

    A wheel holds it inside of the package. In a clone, installed as editable or not at all, it lies beside the package,
    where the app reads it as well.
    """
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


ASSETS = find_assets(Path(str(files("transformer_core"))))


def missing(package: str, extra: str) -> MissingPackageError:
    """Return the error of a package that only an extra of this one installs."""
    return MissingPackageError(
        f"this needs the package {package!r}, which is not installed: pip install 'glassformer[{extra}]', or, in a "
        f"clone, pip install '.[{extra}]'",
        package=package,
        extra=extra,
    )
