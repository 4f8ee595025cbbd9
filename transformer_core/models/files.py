"""Models on disk: a folder with config.json, one tokenizer file per side, and model.safetensors. No pickle anywhere."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from transformer_core.ancestors.base import FAMILY
from transformer_core.ancestors.families import build, read_config
from transformer_core.glass.errors import CheckpointError, ConfigError, UnknownModelError
from transformer_core.glass.files.origin import Origin
from transformer_core.glass.files.stored import BUNDLED, ROAD, WEIGHTS
from transformer_core.glass.guards.arguments import as_path, made_plain
from transformer_core.glass.guards.finite import check_parameter
from transformer_core.glass.model import LanguageModel
from transformer_core.models.configs import CONFIG, read_transformer, read_values
from transformer_core.models.doubt import DOUBT, read_rule
from transformer_core.models.glass import Glass
from transformer_core.models.pretrained.reading.hub import Progress, find_on_hub, is_hub_name
from transformer_core.models.pretrained.reading.opening import check_folder, is_foreign, open_folder
from transformer_core.models.readings import as_reading, model_of, read_so
from transformer_core.models.size import check_size
from transformer_core.models.weights import as_written, load_weights
from transformer_core.text.base import TextTokenizer
from transformer_core.text.hub_tokenizer import load_tokenizer
from transformer_core.transformer.model import Transformer

SHARED_TOKENIZER = "tokenizer"  # the field of an ancestor's config.json that names the model whose tokenizer it has
SOURCE_TOKENIZER, TARGET_TOKENIZER = "source_tokenizer.json", "target_tokenizer.json"


def bundled_models() -> tuple[str, ...]:
    """Return the names of the models that come with the package."""
    return tuple(sorted(folder.parent.name for folder in BUNDLED.glob(f"*/{WEIGHTS}")))


def road_models() -> tuple[str, ...]:
    """Return the names of those that came before the Transformer: they come with the package as well."""
    return tuple(sorted(folder.parent.name for folder in (BUNDLED / ROAD).glob(f"*/{WEIGHTS}")))


def load_model(
    name: str | os.PathLike[str],
    *,
    revision: str | None = None,
    trace_bytes: int | None = None,
    weight_bytes: int | None = None,
    progress: Progress | None = None,
) -> Glass:
    """Return a bundled model, or any model from its folder or by its name on a hub, ready to be asked and traced.

    The folder is one that `save_model` wrote, or one in the layout of Hugging Face with a model of a known family
    (`models/pretrained`): config.json, model.safetensors or its parts with their index, the tokenizer's own files.
    A name with an owner, as "openai-community/gpt2", that is no folder is one on the Hugging Face hub: these files are
    taken from the cache of this machine, or downloaded once, and nothing else is.

    The weights of these are the pages of their files, mapped into memory. A file that a model was opened from may be
    replaced or deleted while it is in use; it must not be written into, nor cut off.

    Behind the name of a bundled n-gram model may stand how its tables are read, as in ngram-en~3~add_k~0.1.

    Args:
        name: of the model, or the path of its folder.
        revision: of a model on the hub: a branch, a tag or a commit; None for its main branch.
        trace_bytes: a text whose trace would take more is refused by a TextTooLongError; None for no limit.
        weight_bytes: a model whose weights would take more is refused before any is read; None for no limit.
        progress: is told how many bytes of a download are there, of how many; None for a bar where there is a terminal.

    Raises:
        UnknownModelError: if `name` is none of these; the message lists the bundled ones.
        NoNetworkError, GatedModelError, DownloadError: if a model on the hub is not here and cannot be fetched.
        CheckpointError: if a file is missing, truncated, of another shape, or not what it should be.
        ConfigError: if config.json describes no possible model, or asks for what is not computed; it names the field.
        NotFiniteError: if a weight is NaN or infinite; the message names the parameter.
        ModelSizeError: if the weights would take more than `weight_bytes`.
        MissingPackageError: if the hub or the model's tokenizer needs a package that is not installed.
    """
    path, weight_bytes = as_path("name", name), made_plain(int | None, "weight_bytes", weight_bytes)
    revision = made_plain(str | None, "revision", revision)
    if not path.is_dir() and model_of(str(name)) in road_models() and (reading := as_reading(str(name))):
        return read_so(load_model(reading.model, trace_bytes=trace_bytes, weight_bytes=weight_bytes), reading)
    folder, root, commit = BUNDLED / path if str(name) in bundled_models() else path, None, ""
    if str(name) in road_models():
        folder = road_folder(str(name))
    if not folder.is_dir() and isinstance(name, str) and is_hub_name(name):
        found = find_on_hub(name, revision, check_folder, weight_bytes=weight_bytes, progress=progress)
        folder, root, commit = found.folder, found.root, found.revision
    if not folder.is_dir():
        raise UnknownModelError(
            f"{str(name)!r} is neither a bundled model ({', '.join(bundled_models()) or 'none'}) nor a folder, nor a "
            "name on the hub, which has an owner, as in openai-community/gpt2",
            name=str(name),
            known=bundled_models(),
        )
    values = read_values(folder / CONFIG)
    model: LanguageModel
    if is_foreign(values):
        model, source, target = open_folder(folder, values, root, weight_bytes=weight_bytes)
    else:
        model, source, target = _open_own(folder, values, weight_bytes)
    if folder.parent in (BUNDLED, BUNDLED / ROAD):
        model.origin = Origin(folder.name, places=model.origin.places if model.origin else {})
    elif commit and model.origin:
        model.origin = replace(model.origin, model=str(name), revision=commit)
    glass = Glass(str(name) if commit else folder.resolve().name, model, source, target, trace_bytes=trace_bytes)
    glass.revision, glass.doubt = commit, read_rule(folder)
    return glass


def _open_own(
    folder: Path, values: dict[str, Any], weight_bytes: int | None
) -> tuple[LanguageModel, TextTokenizer | None, TextTokenizer | None]:
    if FAMILY in values:
        return _open_ancestor(folder, values, weight_bytes)
    config = read_transformer(folder / CONFIG, values)
    source = _tokenizer(folder / SOURCE_TOKENIZER, config.source_vocab_size) if config.has_encoder else None
    target = _tokenizer(folder / TARGET_TOKENIZER, config.target_vocab_size) if config.has_decoder else None
    with torch.device("meta"):  # shapes without numbers
        model = Transformer(config)
    check_size(folder.name, model, torch.float32, weight_bytes)
    load_weights(model, folder / WEIGHTS)
    return model.eval().requires_grad_(False), source, target


def _open_ancestor(
    folder: Path, values: dict[str, Any], weight_bytes: int | None
) -> tuple[LanguageModel, TextTokenizer | None, TextTokenizer | None]:
    values = dict(values)
    shared = values.pop(SHARED_TOKENIZER, "")
    try:
        config = read_config(values)
    except ConfigError as error:
        raise ConfigError(f"{folder / CONFIG}: {error}", path=str(folder / CONFIG), **error.fields) from error
    if shared not in (known := ("", *bundled_models(), *road_models())):
        names = ", ".join(known[1:])
        raise ConfigError(f"{SHARED_TOKENIZER} must be one of {names}, not {shared!r}", field=SHARED_TOKENIZER)
    home = road_folder(shared) if shared in road_models() else BUNDLED / shared if shared else folder
    source = target = None
    if config.has_encoder:
        source = _tokenizer(home / (TARGET_TOKENIZER if shared else SOURCE_TOKENIZER), config.source_vocab_size)
    if config.has_decoder:
        target = _tokenizer(home / TARGET_TOKENIZER, config.target_vocab_size)
    model = build(config)
    check_size(folder.name, model, torch.float32, weight_bytes)
    load_weights(model, folder / WEIGHTS)
    return model.eval().requires_grad_(False), source, target


def save_model(
    folder: str | os.PathLike[str],
    model: LanguageModel,
    source_tokenizer: TextTokenizer | None,
    target_tokenizer: TextTokenizer | None,
    *,
    dtype: torch.dtype = torch.float16,
    tokenizer_of: str = "",
) -> None:
    """Write a model to a folder that `load_model` reads; each file appears whole or not at all.

    Args:
        folder: created if need be.
        model: its parameters are written under their names, a tied one once.
        source_tokenizer, target_tokenizer: None for a side that is not there.
        dtype: of the weights in the file; float16 is turned to float32 on load. Counts stay the integers that they are,
            packed.
        tokenizer_of: a bundled model that writes, whose tokenizer an ancestor shares, on either side that it has.

    Raises:
        NotFiniteError: if a weight is NaN or infinite, or would be in `dtype`, as 1e5 in float16; nothing is written.
    """
    path = as_path("folder", folder)
    weights = {name: as_written(p, dtype) for name, p in model.named_parameters()}
    for name, weight in weights.items():
        check_parameter(name, weight, str(path / WEIGHTS))
    path.mkdir(parents=True, exist_ok=True)
    told = model.config.to_dict() | ({SHARED_TOKENIZER: tokenizer_of} if tokenizer_of else {})
    text = json.dumps(told, indent=2) + "\n"
    _write_whole(path / CONFIG, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    for name, tokenizer in ((SOURCE_TOKENIZER, source_tokenizer), (TARGET_TOKENIZER, target_tokenizer)):
        if tokenizer is not None and not tokenizer_of:
            _write_whole(path / name, tokenizer.save)
    _write_whole(path / WEIGHTS, lambda temporary: save_file(weights, temporary))
    (path / DOUBT).unlink(missing_ok=True)  # other weights, other doubts


def road_folder(place: str) -> Path:
    """Return the folder of a model of the road, by its name or its folder."""
    return BUNDLED / ROAD / place if place in road_models() else Path(place)


def ancestor_family(place: str) -> str:
    """Return of which family a model of the road is, by its name or its folder; "" for any other model."""
    config = road_folder(place) / CONFIG
    return str(read_values(config).get(FAMILY, "")) if config.is_file() else ""


def _tokenizer(path: Path, vocab_size: int) -> TextTokenizer:
    tokenizer = load_tokenizer(path)
    if tokenizer.vocab_size != vocab_size:
        raise CheckpointError(
            f"{path} has {tokenizer.vocab_size} entries, and config.json says {vocab_size}",
            path=str(path),
            found=tokenizer.vocab_size,
            wanted=vocab_size,
        )
    return tokenizer


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
