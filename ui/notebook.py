"""The map of a run, or one of its values, as HTML that a notebook embeds: drawn by the app's own components.

From a clone of the project, in a notebook: `embed(glass, trace)`. A page of its own stands in a frame, with all that it
needs inside, so that it is drawn without a network, and neither page can do anything to the other.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from figures.base.heatmaps.heatmap import heatmap
from figures.base.heatmaps.matrix import Axes
from figures.base.heatmaps.value_map import value_map
from figures.base.labels import tick_labels
from figures.base.styles import COMPONENTS, sheets, theme_sheet
from figures.base.theme import Mode, theme
from figures.explore.architecture import architecture
from transformer_core.glass.guards.arguments import below, whole
from transformer_core.glass.sites import Site
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from transformer_core.models.glass import Glass
from ui.frame.forms import fitted, forms_of
from ui.frame.text import section, t

_IMPORT = re.compile(r'((?:from|import) ")(\.{1,2}/[^"]+)(";)')
# What a component is drawn by in the app, and here.
_MOUNT, _ALONE = "shared/mount/component.js", "shared/mount/alone.js"
_PAGE = Template((COMPONENTS / "shared/mount/alone.html").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Embedded:
    """A picture for a notebook, which shows it where it is the last line of a cell.

    Attributes:
        html: a whole page, which can also be written to a file.
        height: of its frame, in pixels.
    """

    html: str
    height: int = 620

    def _repr_html_(self) -> str:
        page = escape(self.html)
        return f'<iframe srcdoc="{page}" style="width: 100%; height: {self.height}px; border: 0"></iframe>'


def embed(
    glass: Glass, trace: Trace, key: str = "", *, head: int | None = None, lang: str = "en", mode: Mode = "light"
) -> Embedded:
    """Return the map of a run, or a value of it, ready to be shown.

    Args:
        glass: the model.
        trace: its run.
        key: of the value, as "decoder.11.self_attn.weights"; "" for the map of the whole model.
        head: of a value that has one array a head.
        lang: "en" or "zh".
        mode: "light" or "dark".

    Raises:
        UnknownSiteError: if the run has no such value.
        ArgumentError: if a head is missing, or is none of the value's.
    """
    if not key:
        hint = t("notebook.hint", lang)
        words = fitted("map", forms_of(glass), lang) | {"what": "", "how": "", "open": "", "hint": hint, "tap": hint}
        return Embedded(_page("map/map", {**architecture(trace), "words": words}, glass.name, lang, mode))
    site = trace.site(key)
    named = {"name": key, "alt": f"{glass.name}: {key}", "sends": False, "words": section("heatmap_words", lang)}
    return Embedded(_page("heatmap/heatmap", {**_heatmap(trace, site, head, lang, mode), **named}, key, lang, mode))


def _heatmap(trace: Trace, site: Site, head: int | None, lang: str, mode: Mode) -> dict[str, Any]:
    values, letters, sides = trace[site.key], site.axes, site.sides
    if values.ndim == 3:
        chosen = below("head", whole("head", head), len(values))
        values, letters, sides = values[chosen], letters[1:], sides[1:]
    values = np.atleast_2d(values) if values.ndim == 2 else values[:, None]
    colours = theme(mode)
    labels = [[] if side is None else tick_labels(trace.words_of(side).read, colours) for side in (*sides, None)[:2]]
    titles = ["" if letter == "1" else t(f"axis.{letter}", lang) for letter in letters[:2]]
    masked = site.name in ("scores", "weights") and site.block.role == "attention"
    allowed = trace[key_of(site.block, "mask")] if masked else None
    axes = Axes(labels[0], labels[1], titles[0], (*titles, "")[1], site.name, t("value.blocked", lang))
    return heatmap(value_map(values, site.kind, site.name, allowed, axes, colours))


def _page(name: str, data: Mapping[str, Any], title: str, lang: str, mode: Mode) -> str:
    told = json.dumps({**data, "mode": mode}, ensure_ascii=False).replace("<", "\\u003c")
    return _PAGE.substitute(
        lang=lang,
        mode=mode,
        title=escape(title),
        style=f"{theme_sheet()}{sheets(name)}",
        modules=json.dumps({"imports": _modules(f"{name}.js")}),
        name=f"{name}.js",
        data=told,
    )


def _modules(first: str) -> dict[str, str]:
    """A module and all that it imports, each as an address that holds it."""
    found: dict[str, str] = {}
    left = [first]
    while left:
        name = left.pop()
        if name in found:
            continue
        file = COMPONENTS / (_ALONE if name == _MOUNT else name)

        def absolute(match: re.Match[str], folder: Path = file.parent) -> str:
            imported = (folder / match[2]).resolve().relative_to(COMPONENTS).as_posix()
            left.append(imported)
            return f"{match[1]}{imported}{match[3]}"

        code = _IMPORT.sub(absolute, file.read_text(encoding="utf-8"))
        found[name] = f"data:text/javascript;base64,{b64encode(code.encode()).decode()}"
    return found
