"""A trace: every value of one run, by its key, as read-only numpy arrays. Reading one needs no torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.arguments import as_array, as_path
from transformer_core.glass.errors import CheckpointError
from transformer_core.glass.sites import Site, all_sites, find_site, sites_by_key
from transformer_core.transformer.config import TransformerConfig

Array = NDArray[Any]
_HEADER = "trace.json"
_PARAMETER = "parameters/"
_WORDS = ("source_tokens", "target_tokens", "written_tokens", "written_ids", "edited")
_FACTS = {"edits": (), "changed": (), "breaks_causality": False}  # of a run under edits; older files lack them


class Trace(Mapping[str, Array]):
    """The values of one run, in the order of computation, without a batch axis.

    `trace[key]` is a read-only array; `trace.keys()` are the keys of `all_sites(trace.config)`. Nothing is copied: an
    array is a view of the tensor that the run computed. `head_out` and `head.probs` are worked out when first read.
    A parameter that has been written into since the run raises a ChangedWeightsError where it is read.

    Attributes:
        config: the shape of the model.
        parameters: the model's weights by name, by reference, read-only.
        source_tokens: what each encoder row reads.
        target_tokens: what each decoder row reads.
        written_tokens: what each decoder row writes: the reference's next word, or the chosen one.
        written_ids: the ids of `written_tokens`.
        edited: keys of the values that a listener changed.
        edits: the texts of the edits under which it ran, as `edits.parse_edit` reads them.
        changed: for each of them whether anything that follows would be another without it.
        breaks_causality: whether, under them, a row of the decoder can depend on a later one.
    """

    edits: tuple[str, ...] = ()
    changed: tuple[bool, ...] = ()
    breaks_causality: bool = False

    def __init__(
        self,
        config: TransformerConfig,
        values: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any],
        source_tokens: tuple[str, ...] = (),
        target_tokens: tuple[str, ...] = (),
        written_tokens: tuple[str, ...] = (),
        written_ids: tuple[int, ...] = (),
        edited: tuple[str, ...] = (),
    ) -> None:
        self.config = config
        self.parameters = parameters if isinstance(parameters, Arrays) else Arrays(parameters)
        self.source_tokens, self.target_tokens = source_tokens, target_tokens
        self.written_tokens, self.written_ids = written_tokens, written_ids
        self.edited = edited
        self._values = values
        self._arrays: dict[str, Array] = {}

    def __getitem__(self, key: str) -> Array:
        """Return the value of a site.

        Raises:
            UnknownSiteError: if the model has no such site; the message names the nearest keys.
        """
        if not isinstance(key, str) or key not in self._arrays:
            site = find_site(self.config, key)
            value = self._values[key] if key in self._values else self._derive(site)
            self._arrays[key] = _read_only(value)
        return self._arrays[key]

    def __iter__(self) -> Iterator[str]:
        return iter(sites_by_key(self.config))

    def __len__(self) -> int:
        return len(all_sites(self.config))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in sites_by_key(self.config)

    # Two runs are told apart by their values, which `run_difference` compares; a trace is the same as itself alone.
    __eq__, __hash__ = object.__eq__, object.__hash__

    def __repr__(self) -> str:
        return f"Trace({len(self)} sites, source={self.source_tokens}, target={self.target_tokens})"

    def site(self, key: str) -> Site:
        """Return what is known of a key: its axes, its kind, the token lists of its axes."""
        return find_site(self.config, key)

    def tokens_of(self, key: str) -> tuple[tuple[str, ...] | None, ...]:
        """Return for each axis of a site the tokens that label it, or None where the axis is not a position."""
        lists = {"source": self.source_tokens, "target": self.target_tokens, None: None}
        return tuple(lists[side] for side in self.site(key).sides)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the written-down values hold; values that share memory count once."""
        buffers: dict[int, int] = {}
        for value in self._values.values():
            if not isinstance(value, np.ndarray):
                # What is handed out of half a float is a copy, and no part of the trace.
                buffers[value.data_ptr()] = max(value.nbytes, buffers.get(value.data_ptr(), 0))
                continue
            array = value
            while isinstance(array.base, np.ndarray):
                array = array.base
            address = array.__array_interface__["data"][0]
            buffers[address] = max(array.nbytes, buffers.get(address, 0))
        return sum(buffers.values())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the whole trace, parameters included, to one .npz file, which `Trace.load` reads without torch.

        Raises:
            ChangedWeightsError: if a parameter is no longer what it was in the run; no file is written then.
        """
        header = {"config": self.config.to_dict(), **{name: getattr(self, name) for name in (*_WORDS, *_FACTS)}}
        parameters = {_PARAMETER + name: value for name, value in self.parameters.items()}
        arrays = {_HEADER: np.array(json.dumps(header)), **self, **parameters}
        with as_path("path", path).open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Trace:
        """Read a trace that `save` wrote.

        Raises:
            CheckpointError: if the file is not one.
        """
        path = as_path("path", path)
        try:
            # numpy leaves a file that it opened itself open when it turns out to be damaged.
            with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            header = json.loads(str(arrays.pop(_HEADER)))
            config = TransformerConfig.from_dict(header["config"])
            words = {name: tuple(header[name]) for name in _WORDS}
            facts = {name: header.get(name, default) for name, default in _FACTS.items()}
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise CheckpointError(f"{path} is not a saved trace: {error}", path=str(path)) from error
        parameters = {n.removeprefix(_PARAMETER): a for n, a in arrays.items() if n.startswith(_PARAMETER)}
        values = {name: a for name, a in arrays.items() if not name.startswith(_PARAMETER)}
        missing = sorted(set(sites_by_key(config)) ^ set(values))
        if missing:
            raise CheckpointError(f"{path} lacks or adds the sites {', '.join(missing)}", path=str(path))
        trace = cls(config, values, parameters=parameters, **words)
        trace.edits, trace.changed = tuple(facts["edits"]), tuple(facts["changed"])
        trace.breaks_causality = bool(facts["breaks_causality"])
        return trace

    def _derive(self, site: Site) -> Array:
        if site.key == "head.probs":
            return softmax(self["head.logits"])
        block = site.key.removesuffix(".head_out")
        z = self[f"{block}.z"]  # [H, Q, E]
        W_O = self.parameters[f"{block}.W_O"].reshape(z.shape[0], z.shape[2], -1)  # [H, E, D]
        return z @ W_O


def softmax(x: Array) -> Array:
    """Return the softmax over the last axis, with the maximum subtracted first so that nothing overflows.

    Shapes: x [..., N] -> [..., N].
    """
    exponentials: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


class Arrays(Mapping[str, Array]):
    """Tensors or arrays by name, handed out as read-only arrays."""

    __eq__, __hash__ = object.__eq__, object.__hash__

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Array:
        """Return the array of this name."""
        return _read_only(self._values[name])

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _read_only(value: Any) -> Array:
    """The array of a tensor (or a view of an array) that cannot be written."""
    array: Array = value.view() if isinstance(value, np.ndarray) else as_array(value)
    array.flags.writeable = False
    return array
