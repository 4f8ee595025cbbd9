"""Models and traces, shared by all sessions: each loaded or computed once, however many ask at the same time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from streamlit.logger import get_logger

from figures.base.labels import number
from transformer_core.edits.parse import Edit, parse_edits
from transformer_core.glass.abilities import Ability
from transformer_core.glass.errors import GlassformerError, UnknownModelError
from transformer_core.glass.guards.budget import trace_bytes
from transformer_core.glass.trace import DERIVED_BYTES, Trace
from transformer_core.glass.walks import has_output, written_list
from transformer_core.glass.words import Word
from transformer_core.models.files import bundled_models, load_model
from transformer_core.models.glass import Glass
from transformer_core.models.readings import as_reading, read_so
from transformer_core.text.language import seems
from ui.frame.text import t, texts
from ui.state.own_models import Own, own_models
from ui.state.road import bundled_on_road, family_of, page_of_model, road_stop, table_of
from ui.state.shared.limits import admitted
from ui.state.shared.memory import free_bytes, limit_given
from ui.state.shared.once import Once, Shared

DEFAULT_MODEL = "zh-en"  # of a link that names none
GREETING = {
    "en": "en-fr",
    "zh": DEFAULT_MODEL,
}  # by the reader's language: a model that reads it, for a link that asks for nothing
LEAST_BYTES = 2**30  # that traces may take, however little is free
CONTINUED = 32  # words behind a text, at most, that a model is let go on with: a page has to hold them

Need = Ability | Literal["output"]  # what a page asks of a model: an ability, or that it has an output


@dataclass(frozen=True)
class Asked:
    """What identifies a run, and what is drawn of it.

    Attributes:
        model, source, target: its name and the two texts; an empty target is the model's own translation.
        edits: the text of those edits under which it runs.
        difference: whether pictures show how it differs from the run without them.
    """

    model: str
    source: str
    target: str
    edits: str = ""
    difference: bool = False

    @property
    def plain(self) -> Asked:
        """The same without edits."""
        return replace(self, edits="", difference=False) if self.edits else self

    @property
    def edited(self) -> Asked:
        """The run under the edits alone."""
        return replace(self, difference=False) if self.difference else self

    @property
    def runs(self) -> tuple[Asked, ...]:
        """What is looked at: the edited run and the original where their difference is, else the one run."""
        return (self.edited, self.plain) if self.difference else (self,)


def model_names(page: str = "") -> tuple[str, ...]:
    """Return the models that a page shows, the one with which it begins first, and the reader's own at the end.

    A page of the road shows those of its own families, every other page all that are on no page of the road.
    """
    stop = road_stop(page)
    if stop is None:
        bundled = sorted(bundled_models(), key=lambda name: (name != DEFAULT_MODEL, name))
    else:
        order = stop.families.index
        bundled = sorted(
            (name for name in bundled_on_road() if page_of_model(name) == page),
            key=lambda n: (order(family_of(n)), len(n), n),
        )
    here = page if stop else ""
    return (*bundled, *(name for name in own_models() if page_of_model(name) == here))


def language_of(name: str) -> str:
    """Return the language that a model reads; "" where that is not known."""
    glass = get_model(name)
    tokenizer = glass.source_tokenizer or glass.target_tokenizer
    return "" if tokenizer is None else tokenizer.language


def reads(name: str, text: str) -> bool:
    """Return whether a model reads texts in such letters."""
    language = language_of(name)
    return seems(text, language, {}) == language


def first_model(page: str, text: str = "") -> str:
    """Return the model with which a page begins: the first of it that reads such a text, else the first of all."""
    stop, names = road_stop(page), model_names(page)
    name = next((name for name in names if reads(name, text)), names[0])
    return name if stop is None or stop.begins is None else replace(stop.begins, model=name).name


def is_at_hand(name: str) -> bool:
    """Return whether a model can be looked at on some page; of one on the road, in this way."""
    if name in model_names() or name in own_models():
        return True
    try:
        return bool(page_of_model(name)) and bool(get_model(name))
    except GlassformerError:
        return False


def model_title(name: str, lang: str) -> str:
    """Return what a model is called, however its tables are read: in words, or by its name if there are none."""
    return texts(lang).get(f"model.{table_of(name)}", table_of(name))


def able_models(need: Need) -> tuple[str, ...]:
    """Return the models at hand that can do something."""
    return tuple(name for name in model_names() if can(name, need))


def can(name: str, need: Need) -> bool:
    """Return whether a model has what a page needs."""
    glass = get_model(name)
    return has_output(glass.plan) if need == "output" else need in glass.abilities


@Shared
def get_model(name: str) -> Glass:
    """Return a bundled model, or one of the reader's own.

    Raises:
        GlassformerError: if it is none of those at hand, cannot be opened, or takes more memory than is free.
    """
    known = (*bundled_models(), *bundled_on_road(), *own_models())
    if table_of(name) not in known:  # a browser may ask for any name, and a name may be a path
        raise UnknownModelError(name, name=name, known=known)
    torch.set_num_threads(1)  # two threads on small tensors only wait for each other
    if name not in own_models() and (reading := as_reading(name)):
        return read_so(get_model(reading.model), reading)
    most = most_bytes() // 2  # an edited run and the original have room together
    own = own_models().get(name, Own(name))
    glass = load_model(own.place, revision=own.revision, trace_bytes=most, weight_bytes=free_bytes())
    glass.name = name
    return glass


def word_of(model: str) -> Callable[[int], Word]:
    """Return how an id is read that a model writes."""
    words = written_list(get_model(model).plan)
    assert words is not None, f"{model} writes nothing"
    return reader(model, words.name)


def reader(model: str, words: str) -> Callable[[int], Word]:
    """Return how an id of a word list is read.

    One by one: how a piece is shown depends on the piece before it in the same text.
    """
    glass = get_model(model)
    tokenizer = glass.source_tokenizer if words == "source" else glass.target_tokenizer
    assert tokenizer is not None, f"{model} reads no {words}"
    special = tokenizer.special_ids
    return lambda i: Word(str(tokenizer.pieces([i])[0]), i in special)


def given_ids(asked: Asked) -> tuple[int, ...]:
    """Return the ids of a text with which the model goes on; none for one that writes a text of its own.

    Raises:
        GlassformerError: if the model does not write, or the text cannot be read.
    """
    return get_model(asked.model).task.begin(asked.source).given


def get_trace(asked: Asked) -> Trace:
    """Return the trace of what was asked.

    Raises:
        GlassformerError: if a text cannot be traced.
    """
    return _traces().get(asked.edited)


def kept_trace(key: Hashable, asked: Asked, compute: Callable[[], Trace]) -> Trace:
    """Return another trace of what was asked, kept under this key beside those of `get_trace`, within the same limits.

    Raises:
        GlassformerError: if it cannot be traced.
    """

    def admit(_: Hashable) -> Trace:
        with admitted(_expected(asked)):
            return compute()

    return _traces().get(key, admit)


def kept_bytes() -> int:
    """Return the bytes of all traces that are kept."""
    return _traces().nbytes


def edits_of(asked: Asked) -> tuple[Edit, ...]:
    """Return the edits under which a run is asked for."""
    return parse_edits(asked.edits, get_model(asked.model).plan)


@Shared
def most_bytes() -> int:
    """Return the bytes that all traces may take, which the log says: the operator's, or a quarter of what was free."""
    free = free_bytes()
    most = limit_given() or max(LEAST_BYTES, free // 4)
    get_logger(__name__).info(t("log.traces", "en", free=number(free / 2**30, 1), most=number(most / 2**30, 1)))
    return most


@Shared
def _traces() -> Once[Hashable, Trace]:
    return Once(_compute, _held, most_bytes())


def _held(trace: Trace) -> int:
    # What is worked out when it is read stays with the trace, too, up to a limit.
    return trace.nbytes + min(trace.nbytes, DERIVED_BYTES)


def _compute(asked: Hashable) -> Trace:
    assert isinstance(asked, Asked)
    with admitted(_expected(asked)):
        return get_model(asked.model).trace(asked.source, target=asked.target or None, edits=edits_of(asked))


def _expected(asked: Asked) -> int:
    """The bytes that a trace will take, as if every text of it had as many words as the source."""
    glass = get_model(asked.model)
    n = len(glass.read_ids(asked.source))
    return trace_bytes(glass.plan, {one.name: n for one in glass.plan.word_lists})
