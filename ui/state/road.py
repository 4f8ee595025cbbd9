"""The road to the Transformer: which page shows which of the models that came before it, and which are at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from transformer_core.models.files import ancestor_family, road_models
from transformer_core.models.readings import Reading, model_of
from ui.state.own_models import own_models


@dataclass(frozen=True)
class RoadStop:
    """One page of the road.

    Attributes:
        page: its name.
        families: of the models that it shows.
        begins: how its first model is read, where it is a table of counts: order, way and k.
        lives: the page on which its idea lives on in the Transformer, and the stop there.
        looks_at: stack and block of the attention there, where it is a certain one.
    """

    page: str
    families: tuple[str, ...]
    lives: tuple[str, str]
    looks_at: tuple[str, str] | None = None
    begins: Reading | None = None


STOPS = (
    RoadStop("counts", ("ngram",), ("output", "probs"), begins=Reading("ngram-en", 3, "add_k", 1.0)),
    RoadStop("table", ("nnlm",), ("embedding", "lookup")),
    RoadStop("vectors", ("word2vec", "word2vec-cbow"), ("embedding", "lookup")),
    RoadStop("chain", ("lstm", "gru", "rnn"), ("attention", "weights")),
    RoadStop("context", ("bilm",), ("layer", "end")),
    RoadStop("suitcase", ("seq2seq", "seq2seq-attention"), ("heads", ""), ("decoder", "cross_attn")),
)
PAGES = tuple(stop.page for stop in STOPS)
WHOLE, END = "road", "architecture"  # the page of the whole road, and the map of the Transformer, to which it leads


def road_stop(page: str) -> RoadStop | None:
    """Return the stop of the road that a page is; None for another page."""
    return next((stop for stop in STOPS if stop.page == page), None)


def next_stop(page: str) -> str:
    """Return the page to which the road leads from one of its stops."""
    return (*PAGES, END)[PAGES.index(page) + 1]


def road_page(family: str) -> str:
    """Return the page of the road that shows the models of a family; "" for those of all other pages."""
    return next((stop.page for stop in STOPS if family in stop.families), "")


def page_of_model(name: str) -> str:
    """Return the page of the road that shows a model, however its tables are read; "" for those of all other pages."""
    return road_page(family_of(table_of(name)))


def table_of(name: str) -> str:
    """Return the name of a model, without how its tables are read."""
    return name if name in own_models() else model_of(name)


def family_of(name: str) -> str:
    """Return of which family a model is, if it is one of those before the Transformer; "" for any other."""
    own = own_models().get(name)  # what comes from a browser is no path
    return bundled_on_road().get(name, "") if own is None else _family_at(own.place)


@lru_cache(maxsize=1)
def bundled_on_road() -> Mapping[str, str]:
    """Return the family of each bundled model of the road, by its name; as long as the app runs they are the same."""
    return {name: ancestor_family(name) for name in road_models()}


_family_at = lru_cache(maxsize=64)(ancestor_family)
