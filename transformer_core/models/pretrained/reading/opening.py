"""From a folder in the layout of Hugging Face to a model with its tokenizers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from transformer_core.models.pretrained import families
from transformer_core.models.pretrained.reading.family import Family
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.fill import fill, without_prefix
from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.models.pretrained.reading.tensors import CONFIG, GENERATION, Tensors
from transformer_core.models.pretrained.reading.tokens import Tokens
from transformer_core.text.base import TextTokenizer
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

_ADAPTER = "adapter_config.json"
Opened = tuple[Transformer, TextTokenizer | None, TextTokenizer | None]


def is_foreign(values: Mapping[str, Any]) -> bool:
    """Whether a config.json is in the layout of Hugging Face, and not one of ours."""
    return "model_type" in values or "architectures" in values


def open_folder(
    path: Path, values: Mapping[str, Any], root: Path | None = None, *, weight_bytes: int | None = None
) -> Opened:
    """Return the model of a folder, and its tokenizers: None for a side that is not there.

    Args:
        path: of the folder.
        values: of its config.json.
        root: the folder that links may lead to; its own without.
        weight_bytes: that the weights may take; None for no limit.

    Raises:
        ModelSizeError: if they would take more.
        ConfigError: if config.json is of no family, or asks for what is not computed; the message names the field.
        CheckpointError: if a file is missing, damaged, too large or out of the folder, or a tensor does not fit.
        NotFiniteError: if a weight is NaN or infinite.
        MissingPackageError: if the tokenizer needs a package that is not installed.
    """
    folder, fields = Folder(path, root), Fields(values, str(path / CONFIG))
    check_folder(folder)
    family = _family(fields)
    tensors = Tensors(folder, fields)
    names = without_prefix(tensors.keys(), family.prefixes, tensors)
    tokens = family.tokens(folder, family.signs)
    config = read_config(family, fields, names.keys(), tokens)
    _check_writing(Fields(folder.json(GENERATION) or {}, str(path / GENERATION)), config)
    model = fill(family, config, tensors, names, weight_bytes)
    source = tokens.source.fitted(config.source_vocab_size) if config.has_encoder else None
    target = tokens.target.fitted(config.target_vocab_size) if config.has_decoder else None
    if target is not None and config.has_encoder:
        target = target.fitted(config.target_vocab_size, before=(), start=(config.bos_id,))
    elif target is not None:
        signs = target.signs
        target = target.fitted(config.target_vocab_size, start=signs.before, behind=(config.eos_id,))
    return model, source, target


def check_folder(folder: Folder) -> None:
    """Refuse a folder whose config.json is of no family, before there are any weights; errors as in `open_folder`."""
    _family(Fields(folder.json(CONFIG) or {}, str(folder.path / CONFIG)))
    if folder.find(_ADAPTER) is not None:
        raise folder.refusal(_ADAPTER, "says that this is an adapter: merge it into its model, and open that")


def read_config(family: Family, fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json describes, given the names of the tensors that are there and the tokenizers.

    Raises:
        ConfigError: if a field asks for what is not computed; the message names it.
    """
    config = family.config(fields, names, tokens)
    _check_writing(fields, config)
    fields.refuse_rest(family.irrelevant)
    return config


def _check_writing(fields: Fields, config: TransformerConfig) -> None:
    """Refuse words that their `generate` never writes, or always writes first, where ours would not.

    What it does where the reader's limit cuts a text off, `forced_eos_token_id`, is not done here: a text that was cut
    off has no end.
    """
    if not config.has_decoder:
        return
    never = list(config.never)
    fields.only("forced_bos_token_id", None)
    fields.only("bad_words_ids", None, [], [[i] for i in never])
    fields.only("suppress_tokens", None, [], never)
    fields.only("begin_suppress_tokens", None, [], never)


def _family(fields: Fields) -> Family:
    found = next((family for family in families() if family.matches(fields)), None)
    if found is None:
        known = sorted({name for family in families() for name in family.model_types})
        raise fields.refusal("model_type", " or ".join(map(repr, known)))
    if fields.has("quantization_config"):
        raise fields.refusal("quantization_config", "left out")
    if fields.has("auto_map"):
        raise fields.refusal("auto_map", "left out")
    return found
