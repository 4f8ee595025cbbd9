"""A trace: every value of one run, by its key, as read-only numpy arrays. Reading one needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

import numpy as np

from transformer_core.glass.arrays import Array, Arrays, read_only
from transformer_core.glass.guards.arguments import as_path, checked
from transformer_core.glass.guards.arguments import text as plain_text
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import Site, find_parameter, find_site, parameters_by_name, sites_by_key
from transformer_core.glass.words import Words

NO_WORDS = Words()
DERIVED_BYTES = 64 * 2**20


class Trace(Mapping[str, Array]):
    """The values of one run, in the order of computation, without a batch axis.

    `trace[key]` is a read-only array; `trace.keys()` are the keys of `all_sites(trace.plan)`. Nothing is copied: an
    array is a view of the tensor that the run computed. Derived values, as `head_out` and `head.probs`, and those that
    the plan spares, as the scores of a large model, are worked out when they are read, in the precision of the run;
    the latest stay, as far as they take no more than `DERIVED_BYTES`.

    A parameter that has been written into since the run raises a ChangedWeightsError where it is read.

    Attributes:
        plan: what the model says of itself.
        parameters: the model's weights by name, by reference, read-only.
        words: for each word list of the plan what its positions read and write.
        edited: keys of the values that a listener changed.
        edits: the texts of the edits under which it ran, as `edits.parse_edit` reads them.
        changed: for each of them whether anything that follows would be another without it.
        breaks_causality: whether, under them, a row of a causal stack can depend on a later one.
    """

    def __init__(
        self,
        plan: Plan,
        values: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any],
        words: Mapping[str, Words] | None = None,
        edited: tuple[str, ...] = (),
        edits: tuple[str, ...] = (),
        changed: tuple[bool, ...] = (),
        breaks_causality: bool = False,
    ) -> None:
        self.plan = plan
        self.parameters = parameters if isinstance(parameters, Arrays) else Arrays(parameters)
        self.words: Mapping[str, Words] = {} if words is None else words  # which may be lazy
        self.edited, self.edits, self.changed = edited, edits, changed
        self.breaks_causality = breaks_causality
        self._values = values
        self._arrays: dict[str, Array] = {}
        self._derived: dict[str, Array] = {}

    def __getitem__(self, key: str) -> Array:
        """Return the value of a site.

        Raises:
            UnknownSiteError: if the model has no such site; the message names the nearest keys.
        """
        if not isinstance(key, str) or key not in self._arrays:
            if self.derives(key):
                return self._worked_out(key)
            self._arrays[key] = read_only(self._values[key])
        return self._arrays[key]

    def derives(self, key: str) -> bool:
        """Return whether a value is not written down here, but worked out from others by its formula.

        Raises:
            UnknownSiteError: as where it is read.
        """
        return find_site(self.plan, key).key not in self._values

    def _worked_out(self, key: str) -> Array:
        # Other threads may read the same trace: each step is one that Python does at once.
        found = self._derived.pop(key, None)
        if found is None:
            with np.errstate(over="ignore", invalid="ignore"):  # the run went on with what it got, too
                found = read_only(find_site(self.plan, key).formula.computed(_Native(self)))
        self._derived[key] = found
        kept = list(self._derived.items())
        held = sum(array.nbytes for _, array in kept)
        for oldest, array in kept[:-1]:
            if held <= DERIVED_BYTES:
                break
            self._derived.pop(oldest, None)
            held -= array.nbytes
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(sites_by_key(self.plan))

    def __len__(self) -> int:
        return len(sites_by_key(self.plan))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in sites_by_key(self.plan)

    # Two runs are told apart by their values, which `run_difference` compares; a trace is the same as itself alone.
    __eq__, __hash__ = object.__eq__, object.__hash__

    def __repr__(self) -> str:
        words = ", ".join(f"{name}={self.words_of(name).texts}" for name in self.words)
        return f"Trace({len(self)} sites, {words})"

    def site(self, key: str) -> Site:
        """Return what is known of a key: its axes, its kind, its block, the word lists of its axes."""
        return find_site(self.plan, key)

    def array(self, name: str) -> Array:
        """Return the site or parameter of this name.

        Raises:
            UnknownSiteError: if the model has neither.
        """
        if plain_text("name", name) in parameters_by_name(self.plan):
            return self.parameters[find_parameter(self.plan, name).name]
        return self[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a site or parameter; errors as in `array`."""
        if plain_text("name", name) in parameters_by_name(self.plan):
            return self.parameters.shape(name)
        return self[name].shape

    def array_for(self, name: str, index: tuple[int | None, ...]) -> Array:
        """Return the same array as `array`, for whoever reads no more of it than `index`; errors as there.

        Of a large parameter only this part is compared with what it was in the run.

        Args:
            name: of the site or parameter.
            index: a place on each axis, None for all of it.
        """
        if name in parameters_by_name(self.plan):
            return self.parameters.array_for(name, index)
        return self[name]

    def numbers(self, name: str) -> Array:
        """Return the site or parameter of this name in float64; errors as in `array`."""
        return self.array(name).astype(np.float64)

    def words_of(self, name: str) -> Words:
        """Return the words of a word list; none for one that the model does not have."""
        return self.words.get(plain_text("name", name), NO_WORDS)

    def tokens_of(self, key: str) -> tuple[tuple[str, ...] | None, ...]:
        """Return for each axis of a site the tokens that label it, or None where the axis is not a position."""
        return tuple(None if side is None else self.words_of(side).texts for side in self.site(key).sides)

    @checked()
    def under(self, edits: tuple[str, ...], changed: tuple[bool, ...], *, breaks_causality: bool) -> Trace:
        """Return the same trace with what is known of the edits under which it ran."""
        return self._with(edits=edits, changed=changed, breaks_causality=breaks_causality)

    @checked()
    def labelled(self, words: Mapping[str, Words]) -> Trace:
        """Return the same trace with other words."""
        return self._with(words=words)

    def _with(self, **facts: Any) -> Trace:
        known = {name: getattr(self, name) for name in ("words", "edited", "edits", "changed", "breaks_causality")}
        return Trace(self.plan, self._values, parameters=self.parameters, **(known | facts))

    @property
    def writing(self) -> Words:
        """The words of the list at whose positions the model says what it expects."""
        return next((self.words_of(one.name) for one in self.plan.word_lists if one.written), NO_WORDS)

    @property
    def source_tokens(self) -> tuple[str, ...]:
        """What each row of the encoder reads."""
        return self.words_of("source").texts

    @property
    def target_tokens(self) -> tuple[str, ...]:
        """What each row of the decoder reads."""
        return self.words_of("target").texts

    @property
    def written_tokens(self) -> tuple[str, ...]:
        """What each row of the decoder writes: the reference's next word, or the chosen one."""
        return self.writing.written_texts

    @property
    def written_ids(self) -> tuple[int, ...]:
        """The ids of `written_tokens`."""
        return self.writing.written_ids

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
        """Write the whole trace to one .npz file, which `Trace.load` reads without torch.

        The parameters of a bundled model, or of another's checkpoint, are not copied: the file says where they are (its
        name; on a hub, with the commit; else the folder) and their hash. Those of any other model stand in the file.

        Raises:
            ChangedWeightsError: if a parameter is no longer what it was in the run; no file is written then.
        """
        from transformer_core.glass.files.trace_files import save_trace

        save_trace(self, as_path("path", path))

    @staticmethod
    def load(path: str | PathLike[str], *, folder: str | PathLike[str] | None = None) -> Trace:
        """Read a trace that `save` wrote, in this version or an earlier one.

        Parameters that are not in it are read when they are first asked for: of a bundled model, from the hub's cache,
        or from the `folder` of the checkpoint, which no file tells. A StoredWeightsError there names what is not here.

        Raises:
            CheckpointError: if the file is not one.
        """
        from transformer_core.glass.files.trace_files import load_trace

        return load_trace(as_path("path", path), None if folder is None else as_path("folder", folder))


class _Native:
    """A trace whose numbers are those of the run, in its own precision: what derived values are worked out from."""

    def __init__(self, trace: Trace) -> None:
        self.numbers = self.array = trace.array

    def __getitem__(self, name: str) -> Array:
        return self.array(name)
