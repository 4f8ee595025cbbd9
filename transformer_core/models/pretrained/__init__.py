"""Other people's models: every module of this folder is one family, and nothing else names them.

A family is a `Family` record called FAMILY: which config.json it matches, what the fields of that file mean here, where
each of our parameters stands in its files, and how its tokenizers are read. What all families share is in `reading`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformer_core.models.pretrained.reading.family import Family


@cache
def families() -> tuple[Family, ...]:
    """Return all families."""
    names = (module.name for module in iter_modules(__path__) if not module.ispkg)
    return tuple(import_module(f"{__name__}.{name}").FAMILY for name in names)
