"""Training with and without teacher forcing: what a run of both tells, recorded or here and now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from figures.base.theme import theme
from figures.decode.forcing_run import WAYS, findings, learning_curve
from ui.frame.text import dotted, section, t
from ui.live.training import Lines, Training
from ui.parts.charts import chart
from ui.state.session import mode


def _progress(lines: Lines) -> tuple[float, Mapping[str, object]]:
    step, steps = max(line.get("step", 0) for line in lines), lines[0]["steps"]
    return step / steps, {"step": step, "steps": steps}


def _lead(lang: str, lines: Lines) -> None:
    st.markdown(dotted("training_ways.look", lang, **{name: lines[0][name] for name in ("shortest", "longest")}))


def _body(lang: str, lines: Lines) -> None:
    points = [line for line in lines if line["kind"] == "point"]
    words = section("training_words", lang)
    axes: tuple[Literal["seconds", "step"], ...] = ("seconds", "step")
    for column, over in zip(st.columns(2), axes, strict=True):
        with column:
            figure = learning_curve(points, over, words, theme(mode()))
            chart(figure, f"training_{over}", t(f"training_alt.{over}", lang))
    _tell(lang, points)
    st.caption(dotted("training_ways.how", lang, **lines[0]))


def _tell(lang: str, points: Lines) -> None:
    found = findings(points)
    if found is None:
        return
    at, within, each = found["at_step"], found["in_time"], found["per_update"]
    per_update = {f"{way}_loss": f"{at[way]['loss']:.2f}" for way in WAYS}
    per_update |= {f"{way}_right": f"{100 * at[way]['right']:.0f}" for way in WAYS}
    told = [t("training_ways.per_update", lang, step=found["step"], **per_update)]
    for share, reached in found["reached"].items():
        steps = {way: t("training_ways.not_yet", lang) if reached[way] is None else reached[way] for way in WAYS}
        told.append(t("training_ways.reached", lang, share=f"{100 * share:.0f}", **steps))
    st.markdown(" ".join(told))
    per_second = {f"{way}_step": within[way]["step"] for way in WAYS}
    per_second |= {f"{way}_right": f"{100 * within[way]['right']:.0f}" for way in WAYS}
    per_second |= {f"{way}_ms": f"{1000 * each[way]:.0f}" for way in WAYS}
    ratio = f"{each['own'] / each['forced']:.1f}"
    st.markdown(dotted("training_ways.per_second", lang, seconds=f"{found['seconds']:.1f}", ratio=ratio, **per_second))


TRAINING = Training("training_ways", "compare-forcing", "forcing_run.jsonl", _progress, _lead, _body)
