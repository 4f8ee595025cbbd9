"""What the output page shows below its maps: the softmax at any temperature, the best words, and the logit lens."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from figures.base.theme import theme
from figures.decode.unfold import best_ids
from figures.explore.readout import TOP, lens_grid, temperature, top_words, words_matrix
from transformer_core.glass.plan import WordList
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key, norms_first, output_facts, probs_key, written_list
from transformer_core.snippets.picture import picture_snippet
from transformer_core.studies.logit_lens import lens_keys
from ui.explore.components import COLDEST, HOTTEST, temperature_dial
from ui.frame.text import dotted, section, t
from ui.frame.wording import fitting
from ui.parts.charts import ticks
from ui.parts.components import word_grid
from ui.parts.focus import follow_picture
from ui.parts.stepper import Extra
from ui.parts.stop_maps import chart_key
from ui.parts.telling import strongest
from ui.state.both_runs import say_runs, share_name, tell
from ui.state.models import Asked, get_trace, word_of
from ui.state.options import Option, decimal
from ui.state.session import current_view, identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View
from ui.take_home.picture import Picture, take_pictures

PAGE = "output"
DEGREE = Option("temperature", 1.0, decimal(COLDEST, HOTTEST), "{:g}".format)
SOFTMAX = r"p_v = \mathrm{softmax}\!\left(\frac{\ell}{T}\right)_{\!v} = \frac{e^{\ell_v / T}}{\sum_u e^{\ell_u / T}}"


def output_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops of the output page show besides their values."""
    return {"probs": show_words_to_come, "layers": show_layers}


def choose_nothing(view: View, trace: Trace) -> None:
    """Draw no choices above the road: the output has neither sides nor layers nor heads."""


def show_words_to_come(view: View, trace: Trace) -> None:
    """Draw the softmax of one position at any temperature, and the most probable words of all positions."""
    lang, asked = view.lang, identify_run(view)
    st.markdown(f"#### {t('temperature.title', lang)}")
    st.markdown(dotted("temperature.look", lang))
    st.latex(SOFTMAX)
    n_positions = len(trace[logits_key(trace.plan)])
    row = current_view().row or 0  # by now the panel knows which cell it explains

    def choose(position: int) -> None:
        # A click on the map has chosen its cell already.
        if 0 <= position < n_positions and position != st.session_state.row:
            st.session_state.update(site=probs_key(trace.plan), row=position, column=None, trail="")

    scores = {**_scores(asked, min(row, n_positions - 1)), "side": _side(trace), "degree": DEGREE.value}
    say_runs(view, "outlined_shares")
    words = section("temperature_words", lang)
    temperature_dial("output.temperature", scores, chart_key(0), words, mode(), choose, DEGREE.choose)
    st.markdown(f"#### {t('top_words.title', lang)}")
    st.markdown(dotted("top_words.look", lang, n=trace[logits_key(trace.plan)].shape[-1]))
    say_runs(view, "words")
    words = fitting("top_words_grid", view.model, lang)
    columns = [{"title": f"{rank}."} for rank in range(1, TOP + 1)]

    def open_word(position: int, rank: int) -> None:
        word = best_ids(trace[logits_key(trace.plan)][position], TOP)[rank]
        follow_picture(trace, PAGE, probs_key(trace.plan), (position, word))

    rows, signed = _top_words(asked), asked.difference
    word_grid("output.top_words", columns, rows, _side(trace), words, mode(), open_word, signed=signed)


def show_layers(view: View, trace: Trace) -> None:
    """Draw what the head would say after every layer."""
    lang, asked = view.lang, identify_run(view)
    grid = _lens(asked)
    st.markdown(f"#### {t('layers.title', lang)}")
    st.markdown(dotted("layers.look", lang))
    st.markdown(dotted("layers.tied" if output_facts(trace.plan).tied else "layers.untied", lang))
    pre = norms_first(trace.plan, _written(trace).stack)
    st.caption(dotted("layers.pre" if pre else "layers.post", lang))
    say_runs(view, "words_then")
    keys = lens_keys(trace.plan)
    titles = [t("layers.embedding", lang), *(t("layers.layer", lang, i=i) for i in range(len(keys) - 1))]
    columns = [{"title": title, "key": key} for title, key in zip(titles, keys, strict=True)]
    rows = [{**row, "note": titles[row["first"]]} for row in grid]

    def open_layer(position: int, layer: int) -> None:
        entry = strongest(trace[keys[layer]][position : position + 1])[1]
        follow_picture(trace, PAGE, keys[layer], (position, entry))

    words, side = section("layers_grid", lang), _side(trace)
    word_grid("output.layers", columns, rows, side, words, mode(), open_layer, signed=asked.difference)
    tell(view, lambda run: _fronts(_lens(run), titles, lang))
    names = (t("axis.L", lang), "", share_name(asked, lang))
    matrix = partial(words_matrix, grid, _ticks(trace), titles, names, theme(mode()), signed=asked.difference)
    code = partial(picture_snippet, "layers", **vars(asked))
    title = t("layers.title", lang)
    take_pictures(PAGE, "layers", trace, [Picture("output.layers", "layers", title, matrix, code, asked=asked)])


def _fronts(grid: list[dict[str, Any]], titles: list[str], lang: str) -> str:
    """After which layers the last layer's word is in front for the first time, and how often."""
    counts = [sum(row["first"] == n for row in grid) for n in range(len(titles))]
    said = " · ".join(
        t("layers.count", lang, where=title, n=n, total=len(grid)) for title, n in zip(titles, counts, strict=True) if n
    )
    return t("layers.facts", lang, said=said)


def _ticks(trace: Trace) -> list[str]:
    return ticks(trace, _written(trace).stack, mode())


@kept_with_run
def _scores(asked: Asked, position: int) -> dict[str, Any]:
    trace, *original = map(get_trace, asked.runs)
    return temperature(trace, position, word_of(asked.model), *original)


@kept_with_run
def _top_words(asked: Asked) -> list[dict[str, Any]]:
    trace, *original = map(get_trace, asked.runs)
    return top_words(trace, word_of(asked.model), *original)


@kept_with_run
def _lens(asked: Asked) -> list[dict[str, Any]]:
    trace, *original = map(get_trace, asked.runs)
    return lens_grid(trace, word_of(asked.model), *original)


def _side(trace: Trace) -> str:
    return _written(trace).name


def _written(trace: Trace) -> WordList:
    """The word list at whose positions the model says what it expects."""
    words = written_list(trace.plan)
    assert words is not None
    return words
