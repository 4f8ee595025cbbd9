"""Our own components of the road; as those of `ui.parts.components`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from figures.base.theme import Mode, theme
from ui.parts import wires
from ui.parts.hearing import whole
from ui.parts.modules import Draw, register

_CHAIN: Draw[wires.ChainData] = register("chain/chain")
row_of_counts: Draw[wires.FollowersData] = register("followers/followers")
lanes: Draw[wires.LanesData] = register("lanes/lanes")
pull: Draw[wires.PullData] = register("pull/pull")
word_map: Draw[wires.WordMapData] = register("word_map/word_map")
nearest: Draw[wires.NearestData] = register("nearest/nearest")
whole_road: Draw[wires.WholeRoadData] = register("whole_road/whole_road")
two_uses: Draw[wires.TwoUsesData] = register("two_uses/two_uses")
uses: Draw[wires.UsesData] = register("uses/uses")
_ONE_HOT: Draw[wires.OneHotData] = register("one_hot/one_hot")


def chain_of_factors(
    key: str,
    factors: Sequence[Mapping[str, Any]],
    chosen: int,
    total: str,
    side: str,
    words: Mapping[str, str],
    mode: Mode,
    on_factor: Callable[[int], None],
) -> None:
    """Draw a sentence as a product of factors.

    Args:
        key: of the component.
        factors: from `figures.road.counts.wire_factors`.
        chosen: the factor that is looked at.
        total: says what they make together.
        side: the word list that they are from.
        words: the texts of the section "chain_words".
        mode: light or dark.
        on_factor: called with the number of a factor that the reader chose, before the rerun.
    """
    data: wires.ChainData = {
        "factors": [dict(one) for one in factors],
        "chosen": chosen,
        "total": total,
        "side": side,
        "words": dict(words),
    }
    _CHAIN(key, data, mode, factor=lambda event: on_factor(whole(event, "row")))


def one_hot_times_table(
    key: str,
    strips: Mapping[str, Any],
    column: int,
    words: Mapping[str, str],
    mode: Mode,
    on_look: Callable[[int, int], None],
) -> None:
    """Draw the one-hot strips of a window, and the rows of the table around the one that the chosen strip reads.

    Args:
        key: of the component.
        strips: from `figures.road.table.one_hot`.
        column: the number of the row that is looked at.
        words: the texts of the section "one_hot_words".
        mode: light or dark.
        on_look: called with the word of the window and the column that the reader chose, before the rerun.
    """
    colours = theme(mode)
    scale = [colours.negative, colours.neutral, colours.positive]
    data = cast(wires.OneHotData, {**strips, "column": column, "scale": scale, "words": dict(words)})
    _ONE_HOT(key, data, mode, look=lambda event: on_look(whole(event, "slot"), whole(event, "column")))
