"""Our own components of the pages that write; as those of `ui.parts.components`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from figures.base.theme import Mode
from ui.parts import wires
from ui.parts.hearing import whole
from ui.parts.modules import Draw, register

_FORCING: Draw[wires.ForcingData] = register("forcing/forcing")
_PLAYER: Draw[wires.PlayerData] = register("player/player")


def player(
    key: str,
    steps: Mapping[str, Any],
    step: int,
    words: Mapping[str, str],
    mode: Mode,
    on_pick: Callable[[int, int], None],
    on_undo: Callable[[], None],
) -> None:
    """Draw a decoding that plays, steps and seeks in the browser; it writes its step into the address itself.

    Args:
        key: of the component.
        steps: from `figures.decode.unfold_wire.packed`.
        step: where to begin.
        words: the texts of the section "player".
        mode: light or dark.
        on_pick: called before the rerun with a step and the id of the word that the reader chose there.
        on_undo: called before the rerun when the reader gives all chosen words back.
    """
    data = cast(wires.PlayerData, {**steps, "step": step, "words": dict(words)})

    def pick(picked: Any) -> None:
        on_pick(whole(picked, "step"), whole(picked, "id"))

    _PLAYER(key, data, mode, pick=pick, undo=lambda _: on_undo())


def forcing_runs(
    key: str, runs: Mapping[str, Any], written: str, step: int, words: Mapping[str, str], mode: Mode
) -> None:
    """Draw teacher forcing beside the own words, with one slider for both; it writes its step into the address itself.

    Args:
        key: of the component.
        runs: from `figures.decode.forcing.two_runs`.
        written: the word list whose positions are those of the right words.
        step: where to begin.
        words: the texts of the section "forcing_words".
        mode: light or dark.
    """
    _FORCING(key, cast(wires.ForcingData, {**runs, "list": written, "step": step, "words": dict(words)}), mode)
