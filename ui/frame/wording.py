"""Texts that fit what a model does: where a text has a form for such models it is said, else the one for translators.

The form of a text `section.name` is called `section_<form>.name`. A model that fills in words also reads, and a model
that translates has no other form than the text itself, but where it also fills gaps.
"""

from __future__ import annotations

from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.walks import words_of
from ui.frame.forms import fitted, forms_of
from ui.frame.text import coded, dotted, t, texts
from ui.state.models import get_model


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
    return fitted(name, forms_of(get_model(model)), lang, terms=terms)


def _fitting_key(key: str, model: str, lang: str) -> str:
    name, _, last = key.partition(".")
    return next(
        (fitting for form in forms_of(get_model(model)) if (fitting := f"{name}_{form}.{last}") in texts(lang)), key
    )


def row_title(letter: str, words: str | None, model: str, lang: str) -> str:
    """Return what an axis of positions is called, "L" or "Q"; where a row also says a word, that it does."""
    told = words in causal_lists(get_model(model).plan)
    return said(f"axis.{letter}_target", model, lang) if told else t(f"axis.{letter}", lang)


def rule_of_rows(stack: str, model: str, lang: str) -> str:
    """Return how the heatmaps of attention of a stack are read, as Markdown."""
    plan = get_model(model).plan
    told = words_of(plan, stack).name in causal_lists(plan)
    return said_dotted("rule.decoder", model, lang) if told else dotted("rule.attention", lang)
