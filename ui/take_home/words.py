"""What a page of words offers to take home: its picture, and the words that are most probable at each position."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from figures.base.heatmaps.matrix import Axes
from figures.base.heatmaps.value_map import value_map
from figures.base.theme import theme
from figures.explore.readout import TOP, top_words, words_matrix
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import probs_key, stack_out, stacks, written_list
from transformer_core.snippets.picture import picture_snippet
from ui.frame.text import t
from ui.parts.charts import side_ticks, ticks
from ui.state.both_runs import share_name
from ui.state.models import Asked, get_trace, word_of
from ui.state.session import mode
from ui.take_home.picture import Picture


def best_words(
    asked: Asked, trace: Trace, chart: str, name: str, title: str, lang: str, snippet: Callable[[], str] | None = None
) -> Picture:
    """Return the picture of a page, and as its numbers the five most probable words of every position.

    Of a model that says no words the numbers are the last vectors of its text.

    Args:
        asked, trace: the run; of a difference, the edited one.
        chart: key of the component that draws the picture.
        name: of its files.
        title: of the picture.
        lang: of the labels.
        snippet: makes the Python; None for that of the trace that was asked for.
    """
    written = written_list(trace.plan)
    if written is None:
        return _last_vectors(asked, trace, chart, name, title, lang)
    original = get_trace(asked.plain) if asked.difference else None
    rows = top_words(trace, word_of(asked.model), original)
    names = (t("axis.L", lang), t("export.best_words", lang), share_name(asked, lang))
    columns = [f"{rank}." for rank in range(1, TOP + 1)]
    labels, colours = side_ticks(trace, written.name, mode()), theme(mode())
    matrix = partial(words_matrix, rows, labels, columns, names, colours, signed=asked.difference)
    code = snippet or partial(picture_snippet, "words", **vars(asked), probs=probs_key(trace.plan))
    return Picture(chart, name, title, matrix, code, asked=asked)


def _last_vectors(asked: Asked, trace: Trace, chart: str, name: str, title: str, lang: str) -> Picture:
    stack = stacks(trace.plan)[-1]
    key = stack_out(trace.plan, stack)
    values = trace[key] - get_trace(asked.plain)[key] if asked.difference else trace[key]
    colours = theme(mode())
    axes = Axes(ticks(trace, stack, mode()), [], t("axis.L", lang), t("axis.D", lang), key)
    matrix = partial(value_map, values, "signed", key, None, axes, colours)
    code = partial(picture_snippet, "value", **vars(asked), key=key)
    return Picture(chart, name, title, matrix, code, asked=asked)
