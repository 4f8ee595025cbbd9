"""How the tables of an n-gram model are read, told by its name: ngram-en~3~add_k~0.1 takes three words and adds 0.1."""

from __future__ import annotations

from dataclasses import dataclass

from transformer_core.ancestors.ngram import Ngram
from transformer_core.ancestors.ngram_config import Smoothing
from transformer_core.glass.errors import ConfigError
from transformer_core.models.glass import Glass

BETWEEN = "~"


@dataclass(frozen=True)
class Reading:
    """One way to read the tables of an n-gram model.

    Attributes:
        model: name of the model that holds them, in its own way.
        order: words of the longest n-grams.
        smoothing: the way to say something where nothing was seen.
        k: what add-k adds to every count; nothing to the other ways.
    """

    model: str
    order: int
    smoothing: Smoothing
    k: float = 1.0

    @property
    def name(self) -> str:
        """The name of the model that is read so: what `as_reading` reads."""
        added = [f"{self.k:g}"] if self.smoothing == "add_k" else []
        return BETWEEN.join((self.model, str(self.order), self.smoothing, *added))


def model_of(name: str) -> str:
    """Return the name of the model whose tables are read, without how they are."""
    return name.partition(BETWEEN)[0]


def as_reading(name: str) -> Reading | None:
    """Return what a name says of how tables are read; None if it says nothing.

    Raises:
        ConfigError: if what stands behind the model's name is no such thing.
    """
    model, *told = name.split(BETWEEN)
    if not told:
        return None
    try:
        order, smoothing, *k = told
        found = Reading(model, int(order), smoothing, *map(float, k))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        found = None
    if found is None or found.name != name:
        example = Reading(model, 3, "add_k", 0.1).name
        raise ConfigError(f"{name!r} does not say how tables are read; {example} would", field="smoothing", value=name)
    return found


def read_so(glass: Glass, reading: Reading) -> Glass:
    """Return an n-gram model whose tables are read in another way; no count is copied.

    Raises:
        ConfigError: if it is no n-gram model, or cannot be read so.
    """
    if not isinstance(glass.model, Ngram):
        raise ConfigError(f"{glass.name} has no table of counts: it is {glass.plan.kind}", field="smoothing")
    model = glass.model.smoothed(reading.order, smoothing=reading.smoothing, k=reading.k)
    model.bundled = glass.model.bundled
    return Glass(reading.name, model, None, glass.target_tokenizer, trace_bytes=glass.trace_bytes)
