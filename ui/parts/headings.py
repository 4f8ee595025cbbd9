"""What stands at a map of a value: its title, what there is to see, its shape, and the key of its value."""

from __future__ import annotations

from collections.abc import Mapping

from figures.base.labels import number
from transformer_core.glass.compare import has_difference
from transformer_core.glass.trace import Trace
from ui.frame.text import t, without_terms
from ui.frame.wording import said, said_coded
from ui.parts.maps import Map, largest_difference
from ui.state.places import find_value
from ui.state.session import identify_run
from ui.state.view import View


def heading_of(view: View, trace: Trace, shown: Map) -> dict[str, str]:
    """Return what is said of a map: title, look, shape and key; its terms are marked for a component."""
    value, array = find_value(trace.plan, shown.key), trace.array(shown.key)
    sizes = dict(trace.plan.axes)
    width, head, units = (sizes.get(letter, 0) for letter in "DEF")  # a value speaks of those alone that its model has
    facts = {
        "d_model": width,
        "root_model": number(width**0.5),
        "d_head": head,
        "root": number(head**0.5),
        "d_ff": units,
        "n_words": array.shape[-1],
    }
    axes = [f"{letter} {n}" for letter, n in zip(value.axes, array.shape, strict=True)]
    shape = t("heading.shape", view.lang, shape=" × ".join(axes))
    look = said_coded(f"value_look.{value.told}", view.model, view.lang, **facts)
    asked = identify_run(view)
    if asked.difference and has_difference(trace.plan, shown.key):
        look = t("edit_run.look", view.lang, largest=number(largest_difference(asked, shown.key)))
    elif asked.difference:
        look = f"{look} {t('edit_run.same', view.lang)}"
    title = said_coded(f"value_name.{value.told}", view.model, view.lang)
    return {"title": title, "look": look, "shape": shape, "key": shown.key}


def plain_heading(view: View, trace: Trace, shown: Map) -> dict[str, str]:
    """Return the same for a file, in which no term can be pointed at."""
    return {name: without_terms(text) for name, text in heading_of(view, trace, shown).items()}


def below(heading: Mapping[str, str]) -> dict[str, str]:
    """Return what stands below a map of what is said of it; its title stands above."""
    return {name: text for name, text in heading.items() if name != "title"}


def alt_of(view: View, trace: Trace, shown: Map) -> str:
    """Return what a reader hears of a map who does not see it."""
    return f"{_title(view, trace, shown.key)}: {shown.key}"


def _title(view: View, trace: Trace, key: str) -> str:
    return said(f"value_name.{find_value(trace.plan, key).told}", view.model, view.lang)
