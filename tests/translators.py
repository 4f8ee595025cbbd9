"""The bundled models that translate, without loading any: tests are collected by their names."""

from __future__ import annotations

import json

from transformer_core.glass.files.stored import BUNDLED
from transformer_core.models.files import bundled_models


def _translates(name: str) -> bool:
    config = json.loads((BUNDLED / name / "config.json").read_text(encoding="utf-8"))
    return bool(config.get("architecture") == "encoder-decoder" or config.get("is_encoder_decoder"))


TRANSLATORS = tuple(name for name in bundled_models() if _translates(name))
