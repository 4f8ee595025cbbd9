"""A model's files by its name on a hub: from this machine's cache, or else downloaded, and only those that are read.

The network is touched only for a model that the cache does not hold as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from transformer_core.glass.errors import (
    CheckpointError,
    DownloadError,
    GatedModelError,
    GlassformerError,
    ModelSizeError,
    NoNetworkError,
    UnknownModelError,
)
from transformer_core.glass.files.assets import missing
from transformer_core.glass.files.stored import HUB_NAME
from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.models.pretrained.reading.tensors import CONFIG, GENERATION, INDEX, WEIGHTS, shards

Progress = Callable[[int, int], None]
"""Is told how many bytes are there, of how many, as a download goes on; from any thread."""

TOKENIZERS = ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "tokenizer.model", "sentencepiece.bpe.model")
_BESIDE = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt", "target_vocab.json")
_SMALL = [CONFIG, GENERATION, INDEX, "adapter_config.json", *TOKENIZERS, *_BESIDE, "source.spm", "target.spm"]
_BAR = "huggingface_hub.snapshot_download"  # what the library calls the bar of the bytes that are on the disk


@dataclass(frozen=True)
class Found:
    """The files of a model on this machine.

    Attributes:
        folder: with the files.
        root: the folder that its links may lead to.
        revision: the commit that they are of.
    """

    folder: Path
    root: Path
    revision: str


def is_hub_name(name: str) -> bool:
    """Whether a name can be one on a hub: that of an owner, a slash and that of a model."""
    return HUB_NAME.fullmatch(name) is not None


def find_on_hub(
    name: str,
    revision: str | None,
    check: Callable[[Folder], None],
    *,
    weight_bytes: int | None = None,
    progress: Progress | None = None,
) -> Found:
    """Return the files of a model of a hub.

    Args:
        name: of the model, with its owner.
        revision: a branch, a tag or a commit; None for the main branch.
        check: is given what was downloaded first, all but the weights, and may refuse it.
        weight_bytes: weights whose files have more bytes are not downloaded; None for no limit.
        progress: is told how far the weights are; without it there is the library's own bar.

    Raises:
        MissingPackageError: if the package `huggingface_hub` is not installed.
        NoNetworkError: if the hub cannot be reached, and the cache does not hold the model.
        UnknownModelError: if there is no such model, or no such revision of it.
        GatedModelError: if its owner has to be asked first.
        DownloadError: if the hub answers something else, or a file cannot be written.
        CheckpointError: if it has no safetensors.
        ModelSizeError: if its weights would take more than `weight_bytes`.
    """
    try:
        from huggingface_hub import snapshot_download  # only a name on a hub needs it
    except ModuleNotFoundError as error:
        raise missing("huggingface_hub", "hub") from error
    kept = _kept(name, revision)
    if kept is not None:
        return kept
    with _named_errors(name, revision):
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=_SMALL))
    found = Found(folder, folder.parent.parent, folder.name)
    small = Folder(folder, found.root)
    check(small)
    wanted = sorted(map(escape, shards(small))) or [WEIGHTS]  # who wrote the index could mean all files by a star
    options: dict[str, Any] = {"revision": found.revision, "allow_patterns": wanted}
    with _named_errors(name, revision):
        files = snapshot_download(name, dry_run=True, **options)
        if not files:
            raise _no_weights(name)
        n_bytes = sum(file.file_size or 0 for file in files)
        if weight_bytes is not None and n_bytes > weight_bytes:
            size, free = (f"{one / 2**30:.1f} GiB" for one in (n_bytes, weight_bytes))
            raise ModelSizeError(
                f"the weights of {name} take {size}, and weight_bytes allows {free}: open a smaller one",
                model=name,
                size=size,
                free=free,
            )
        to_come = sum(file.file_size or 0 for file in files if file.will_download)
        snapshot_download(name, tqdm_class=_bar(progress, to_come), **options)
    return found


def _kept(name: str, revision: str | None) -> Found | None:
    """What the cache holds of a model; None if that is not all of it."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        path = snapshot_download(name, revision=revision, local_files_only=True, allow_patterns=_SMALL)
    except LocalEntryNotFoundError:
        return None
    found = Found(Path(path), Path(path).parent.parent, Path(path).name)
    folder = Folder(found.folder, found.root)
    pair = folder.find("source.spm") is not None and folder.find("target.spm") is not None
    whole = [
        folder.find(CONFIG) is not None,
        all(folder.find(one) is not None for one in shards(folder) or {WEIGHTS}),
        pair or any(folder.find(one) is not None for one in TOKENIZERS),
    ]
    return found if all(whole) else None


def _bar(progress: Progress | None, total: int) -> type[Any] | None:
    """A progress bar that tells what it would show; None for the library's own."""
    if progress is None:
        return None
    tell = progress
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]

    class Told(tqdm):
        def __init__(self, *args: Any, name: str | None = None, **options: Any) -> None:
            super().__init__(*args, name=name, **{**options, "disable": True})  # type: ignore[no-untyped-call]
            self._tells = name == _BAR

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if self._tells:
                tell(min(int(self.n), total), total)

    return Told


@contextmanager
def _named_errors(name: str, revision: str | None) -> Iterator[None]:
    """Say the errors of the library in ours."""
    from huggingface_hub import errors

    try:
        yield
    except GlassformerError:
        raise
    except errors.GatedRepoError as error:
        raise GatedModelError(
            f"{name} is open to those alone whom its owner has let in: ask on https://huggingface.co/{name}, and then "
            "log in on this machine (`hf auth login`)",
            name=name,
        ) from error
    except errors.RevisionNotFoundError as error:
        raise UnknownModelError(
            f"{name} has no revision {revision!r}; without one it is the main branch", name=f"{name}@{revision}"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise UnknownModelError(
            f"{name!r} is no bundled model, no folder, and there is no model of that name on the hub, or it is private",
            name=name,
        ) from error
    except Exception as error:  # of the library, of what it asks the network by, or of the disk
        answered = isinstance(error.__cause__, errors.HfHubHTTPError)
        if isinstance(error, errors.LocalEntryNotFoundError) and not answered:
            raise _no_network(name) from error
        raise DownloadError(f"{name} could not be downloaded: {_first_line(error)}", name=name) from error


def _no_network(name: str) -> NoNetworkError:
    return NoNetworkError(
        f"{name} is no bundled model, no folder, and not in the cache of this machine, and the hub cannot be reached: "
        "go online once, or give the path of a folder with its files",
        name=name,
    )


def _no_weights(name: str) -> CheckpointError:
    code = f"import transformers as t; t.AutoModel.from_pretrained({name!r}).save_pretrained('folder')"
    return CheckpointError(
        f"{name} has no {WEIGHTS}: weights are read from safetensors only. If you trust it, convert it once, with the "
        f'class that its config.json names in place of AutoModel: python -c "{code}"',
        path=name,
    )


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
