"""Our own components of the pages to learn by; as those of `ui.parts.components`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from figures.base.theme import Mode
from ui.parts import wires
from ui.parts.hearing import each, word
from ui.parts.modules import Draw, register

_GLOSSARY: Draw[wires.GlossaryData] = register("glossary/glossary")
_MASK_GRID: Draw[wires.MaskGridData] = register("mask_grid/mask_grid")


def mask_grid(
    key: str,
    grid: Mapping[str, Any],
    words: Mapping[str, str],
    mode: Mode,
    on_draw: Callable[[Sequence[str]], None],
) -> None:
    """Draw a mask whose cells the reader opens and blocks, by mouse, finger or keyboard.

    Args:
        key: of the component.
        grid: rows and columns (words with text and special); allowed and natural, a text of 0 and 1 per row: the mask,
            and that of the untouched run.
        words: the texts of the section "mask_grid".
        mode: light or dark.
        on_draw: called with such texts before the rerun, when the reader has changed a cell.
    """
    data = cast(wires.MaskGridData, {**grid, "words": dict(words)})
    _MASK_GRID(key, data, mode, draw=lambda sent: on_draw([word(row) for row in each(sent, "rows")]))


def glossary(
    key: str,
    groups: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    mode: Mode,
    on_go: Callable[[str], None],
) -> None:
    """Draw the terms of the field, and a field to find them.

    Args:
        key: of the component.
        groups: title, and terms: id, name, other (its name in the other language), text, and places (label, href,
            place).
        words: the texts of the section "terms".
        mode: light or dark.
        on_go: called before the rerun with the place that the reader chose, "attention:q".
    """

    data: wires.GlossaryData = {"groups": [dict(group) for group in groups], "words": dict(words)}
    _GLOSSARY(key, data, mode, go=lambda sent: on_go(word(sent)))
