"""Who remembers over a distance, trained here and now, and what a chain costs beside attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from figures.base.labels import number
from figures.base.theme import theme
from figures.road.recall import KNOWS, WAYS, recall_curves, who_knows
from figures.road.speed import speed_curves
from transformer_core.glass.trace import Trace
from transformer_core.studies.road.chain_speed import Cost, chain_and_attention
from ui.frame.text import dotted, section, t
from ui.live.training import Lines, Training
from ui.parts.charts import chart
from ui.state.session import mode
from ui.state.view import View

WIDTH, LENGTHS = 192, (16, 64, 256, 1024)


def _progress(lines: Lines) -> tuple[float, Mapping[str, object]]:
    start, points = lines[0], [line for line in lines if line["kind"] == "point"]
    distances = start["distances"]
    at = distances.index(points[-1]["distance"]) if points else 0
    return at / len(distances), {"distance": distances[at]}


def _lead(lang: str, lines: Lines) -> None:
    st.markdown(dotted("recall.look", lang, symbols=lines[0]["symbols"]))


def _body(lang: str, lines: Lines) -> None:
    start, points = lines[0], [line for line in lines if line["kind"] == "point"]
    words = section("recall_words", lang)
    there = [distance for distance in start["distances"] if any(one["distance"] == distance for one in points)]
    for first in range(0, len(there), 2):
        for column, distance in zip(st.columns(2), there[first : first + 2], strict=False):
            with column:
                title = t("recall.distance", lang, n=distance)
                st.markdown(f"**{title}**")
                its = [one for one in points if one["distance"] == distance]
                figure = recall_curves(its, start["seconds"], start["chance"], words, theme(mode()))
                chart(figure, f"recall_{distance}", title)
    told = []
    for distance, knows in who_knows(points, there).items():
        can = [t("recall.after", lang, way=words[w], seconds=number(s, 2)) for w, s in knows.items() if s is not None]
        names = " · ".join(can) or t("recall.nobody", lang)
        told.append(f"- {t('recall.told', lang, n=distance, share=f'{100 * KNOWS:.0f}', names=names)}")
    st.markdown("\n".join(told))
    sizes = " · ".join(f"{words[way]} {start['parameters'][way]:,}" for way in WAYS)
    facts = {name: start[name] for name in ("seconds", "batch", "held_out", "seed", "open")}
    st.caption(dotted("recall.how", lang, sizes=sizes, **facts))


TRAINING = Training("recall", "compare-recall", "recall_run.jsonl", _progress, _lead, _body)


def show_memory(view: View, trace: Trace) -> None:
    """Draw the race of those that remember."""
    TRAINING.show(view.lang)


def show_speed(view: View, trace: Trace) -> None:
    """Draw how many steps depend on each other, how much is multiplied, and how long it takes on this machine."""
    lang = view.lang
    costs = _measured()
    words = section("speed_words", lang)
    axes: tuple[Literal["steps", "seconds"], ...] = ("steps", "seconds")
    for column, what in zip(st.columns(2, gap="large"), axes, strict=True):
        with column:
            st.markdown(f"##### {t(f'speed.{what}', lang)}")
            chart(speed_curves(costs, what, words, theme(mode())), f"speed_{what}", t(f"speed.{what}", lang))
    longest = costs[-1]
    milliseconds = {
        name: number(1000 * cost.seconds, 2) for name, cost in zip(("chain", "attention"), longest, strict=True)
    }
    faster = t("speed.chain" if longest[0].seconds < longest[1].seconds else "speed.attention", lang)
    st.markdown(dotted("speed.told", lang, n=longest[0].length, faster=faster, **milliseconds))
    st.caption(dotted("speed.how", lang, width=WIDTH))
    st.button(t("speed.again", lang), key="speed_again", icon=":material/timer:", on_click=_measured.clear)


@st.cache_resource(show_spinner=False)
def _measured() -> list[tuple[Cost, Cost]]:
    """The times of this machine, measured once for all sessions until somebody asks again."""
    return list(chain_and_attention(WIDTH, LENGTHS))
