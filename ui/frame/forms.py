"""Which form of a text fits a model; a form of the section `name` is called `name_<form>`. No Streamlit here."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from transformer_core.glass.abilities import Ability
from transformer_core.glass.plan import EmbeddingFacts, NormFacts, Plan
from transformer_core.glass.walks import has_output
from transformer_core.models.glass import Glass
from ui.frame.text import section

# The ability that a form goes with, the most special form first; `alone` is for every model that takes a single text,
# and `silent`, before all others, for one without an output.
FORMS: dict[str, Ability] = {"goes_on": "predicts_next", "fills": "fills", "reads": "embeds", "gaps": "fills_gaps"}
ALONE, SILENT = "alone", "silent"
# What a model is made of decides, too: one whose embedding knows no positions, one whose norms subtract no mean.
UNPLACED, RMS = "unplaced", "rms"
WINDOW = "window"  # one that reads the vectors of a window side by side
_FORMS: WeakKeyDictionary[Glass, tuple[str, ...]] = WeakKeyDictionary()


def forms_of(glass: Glass) -> tuple[str, ...]:
    """Return the forms of texts that fit a model, the most special one first."""
    if glass not in _FORMS:
        _FORMS[glass] = _forms(glass)
    return _FORMS[glass]


def _forms(glass: Glass) -> tuple[str, ...]:
    able = tuple(form for form, ability in FORMS.items() if ability in glass.abilities)
    if not has_output(glass.plan):
        able = (SILENT, *able)
    made = _made_of(glass.plan)
    return (*made, *able) if len(glass.plan.word_lists) > 1 else (*made, *able, ALONE)


def fitted(name: str, forms: tuple[str, ...], lang: str, *, terms: bool = False) -> dict[str, str]:
    """Return the texts of a section, each in the first of the forms that it has."""
    found = section(name, lang, terms=terms)
    for form in reversed(forms):
        found |= section(f"{name}_{form}", lang, terms=terms)
    return found


def _made_of(plan: Plan) -> tuple[str, ...]:
    placed = any(isinstance(block.facts, EmbeddingFacts) and block.facts.positions for block in plan.blocks)
    centred = all(block.facts.centred for block in plan.blocks if isinstance(block.facts, NormFacts))
    windowed = any(value.axes == "LND" for block in plan.blocks for value in block.values)
    flags = ((WINDOW, windowed), (UNPLACED, not placed), (RMS, not centred))
    return tuple(form for form, holds in flags if holds)
