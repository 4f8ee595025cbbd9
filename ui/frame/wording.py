"""Texts that fit what a model does: where a text has a form for such models it is said, else the one for translators.

The form of a text `section.name` is called `section_<form>.name`. A model that fills in words also reads, and a model
that translates has no other form than the text itself, but where it also fills gaps.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from transformer_core.glass.abilities import Ability, causal_lists
from transformer_core.glass.plan import EmbeddingFacts, NormFacts, Plan
from transformer_core.glass.walks import has_output, words_of
from transformer_core.models.glass import Glass
from ui.frame.text import coded, dotted, section, t, texts
from ui.state.models import get_model

# The ability that a form goes with, the most special form first; `alone` is for every model that takes a single text,
# and `silent`, before all others, for one without an output.
FORMS: dict[str, Ability] = {"goes_on": "predicts_next", "fills": "fills", "reads": "embeds", "gaps": "fills_gaps"}
ALONE, SILENT = "alone", "silent"
# What a model is made of decides, too: one whose embedding knows no positions, one whose norms subtract no mean.
UNPLACED, RMS = "unplaced", "rms"
WINDOW = "window"  # one that reads the vectors of a window side by side
_FORMS: WeakKeyDictionary[Glass, tuple[str, ...]] = WeakKeyDictionary()


def said(key: str, model: str, lang: str, /, **fields: object) -> str:
    """Return a text as `ui.frame.text.t`, in the form that fits a model, given by its name."""
    return t(_fitting_key(key, model, lang), lang, **fields)


def said_coded(key: str, model: str, lang: str, /, **fields: object) -> str:
    """Return a text as `said`, its terms marked for a component."""
    return coded(_fitting_key(key, model, lang), lang, **fields)


def said_dotted(key: str, model: str, lang: str, /, **fields: object) -> str:
    """Return a text as `said`, as Markdown in which its terms are dotted."""
    return dotted(_fitting_key(key, model, lang), lang, **fields)


def fitting(name: str, model: str, lang: str, *, terms: bool = False) -> dict[str, str]:
    """Return the texts of a section as `ui.frame.text.section`, each in the form that fits a model."""
    found = section(name, lang, terms=terms)
    for form in reversed(forms(model)):
        found |= section(f"{name}_{form}", lang, terms=terms)
    return found


def _fitting_key(key: str, model: str, lang: str) -> str:
    name, _, last = key.partition(".")
    return next((fitting for form in forms(model) if (fitting := f"{name}_{form}.{last}") in texts(lang)), key)


def forms(model: str) -> tuple[str, ...]:
    """Return the forms of texts that fit a model, the most special one first."""
    glass = get_model(model)
    if glass not in _FORMS:
        _FORMS[glass] = _forms(glass)
    return _FORMS[glass]


def _forms(glass: Glass) -> tuple[str, ...]:
    able = tuple(form for form, ability in FORMS.items() if ability in glass.abilities)
    if not has_output(glass.plan):
        able = (SILENT, *able)
    made = _made_of(glass.plan)
    return (*made, *able) if len(glass.plan.word_lists) > 1 else (*made, *able, ALONE)


def _made_of(plan: Plan) -> tuple[str, ...]:
    placed = any(isinstance(block.facts, EmbeddingFacts) and block.facts.positions for block in plan.blocks)
    centred = all(block.facts.centred for block in plan.blocks if isinstance(block.facts, NormFacts))
    windowed = any(value.axes == "LND" for block in plan.blocks for value in block.values)
    flags = ((WINDOW, windowed), (UNPLACED, not placed), (RMS, not centred))
    return tuple(form for form, holds in flags if holds)


def row_title(letter: str, words: str | None, model: str, lang: str) -> str:
    """Return what an axis of positions is called, "L" or "Q"; where a row also says a word, that it does."""
    told = words in causal_lists(get_model(model).plan)
    return said(f"axis.{letter}_target", model, lang) if told else t(f"axis.{letter}", lang)


def rule_of_rows(stack: str, model: str, lang: str) -> str:
    """Return how the heatmaps of attention of a stack are read, as Markdown."""
    plan = get_model(model).plan
    told = words_of(plan, stack).name in causal_lists(plan)
    return said_dotted("rule.decoder", model, lang) if told else dotted("rule.attention", lang)
