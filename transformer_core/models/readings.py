"""A model looked at in another way, told by its name.

ngram-en~3~add_k~0.1 takes three words and adds 0.1 to every count; bilm-en~mix~0~0~2~1 mixes its layers by the softmax
of 0, 0 and 2, and by gamma 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from transformer_core.ancestors.ngram import Ngram
from transformer_core.ancestors.ngram_config import Smoothing
from transformer_core.ancestors.two_way.model import TwoWay
from transformer_core.glass.errors import ConfigError
from transformer_core.models.glass import Glass

BETWEEN = "~"
MIX = "mix"
LARGEST = 100.0  # number by which layers are mixed


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

    def applied(self, glass: Glass) -> Ngram:
        """Return the model read so; errors as in `read_so`."""
        if not isinstance(glass.model, Ngram):
            raise ConfigError(f"{glass.name} has no table of counts: it is {glass.plan.kind}", field="smoothing")
        return glass.model.smoothed(self.order, smoothing=self.smoothing, k=self.k)


@dataclass(frozen=True)
class Mix:
    """One way to mix the layers of a model of two chains.

    Attributes:
        model: name of the model, with its own mix.
        w: a number for each layer, the table first; their softmax are the shares.
        gamma: the scale of the mix.
    """

    model: str
    w: tuple[float, ...]
    gamma: float = 1.0

    @property
    def name(self) -> str:
        """The name of the model that mixes so: what `as_reading` reads."""
        return BETWEEN.join((self.model, MIX, *(f"{one:g}" for one in (*self.w, self.gamma))))

    def applied(self, glass: Glass) -> TwoWay:
        """Return the model that mixes so; errors as in `read_so`."""
        if not isinstance(glass.model, TwoWay):
            raise ConfigError(f"{glass.name} mixes no layers: it is {glass.plan.kind}", field=MIX)
        if len(self.w) != glass.model.config.n_encoder_layers + 1:
            raise ConfigError(f"{glass.name} has {glass.model.config.n_encoder_layers + 1} layers to mix", field=MIX)
        return glass.model.mixed(self.w, self.gamma)


def model_of(name: str) -> str:
    """Return the name of the model that is looked at, without the way."""
    return name.partition(BETWEEN)[0]


def as_reading(name: str) -> Reading | Mix | None:
    """Return what a name says of how a model is looked at; None if it says nothing.

    Raises:
        ConfigError: if what stands behind the model's name is no such thing.
    """
    model, *told = name.split(BETWEEN)
    if not told:
        return None
    found: Reading | Mix | None
    try:
        if told[0] == MIX:
            *w, gamma = map(float, told[1:])
            found = Mix(model, tuple(w), gamma) if all(abs(one) <= LARGEST for one in (*w, gamma)) else None
        else:
            order, smoothing, *k = told
            found = Reading(model, int(order), smoothing, *map(float, k))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        found = None
    if found is None or found.name != name:
        examples = " or ".join((Reading(model, 3, "add_k", 0.1).name, Mix(model, (0, 0, 2), 1).name))
        raise ConfigError(f"{name!r} does not say how a model is read; {examples} would", field="reading", value=name)
    return found


def read_so(glass: Glass, reading: Reading | Mix) -> Glass:
    """Return a model looked at in another way; no weight is copied.

    Raises:
        ConfigError: if it cannot be looked at so.
    """
    model = reading.applied(glass)
    model.origin = glass.model.origin
    return Glass(reading.name, model, glass.source_tokenizer, glass.target_tokenizer, trace_bytes=glass.trace_bytes)
