"""What a config.json says, before anything is built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.transformer.config import TransformerConfig

CONFIG = "config.json"


def load_config(path: Path) -> TransformerConfig:
    """Return the configuration in a config.json of ours.

    Raises:
        CheckpointError: if the file is missing or not a JSON object.
        ConfigError: if its fields are not a config's, or describe no possible model.
    """
    return read_transformer(path, read_values(path))


def read_values(path: Path) -> dict[str, Any]:
    """Return the fields of a config.json, whoever wrote it; a CheckpointError if it is missing or no JSON object."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read as a config: {error}", path=str(path)) from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} must hold a JSON object, not {type(values).__name__}", path=str(path))
    return values


def read_transformer(path: Path, values: dict[str, Any]) -> TransformerConfig:
    """Return the configuration that the fields of a file of ours tell; errors as in `load_config`."""
    try:
        return TransformerConfig.from_dict(values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}", path=str(path), **error.fields) from error
