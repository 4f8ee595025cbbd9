"""What the page of all heads offers to take home: all measures, the open head, and what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.theme import Mode, theme
from figures.explore.heads import head_matrix
from transformer_core.glass.walks import attention_of
from transformer_core.snippets.study import RunOf, measures_set_snippet, measures_snippet, runs_snippet
from ui.explore.head_measures import alignment_of, measures_for, measures_matrix
from ui.explore.head_values import Array, sides, values_of_head
from ui.frame.text import t
from ui.frame.wording import row_title
from ui.parts.charts import side_ticks
from ui.state.examples import examples
from ui.state.models import Asked, get_model, get_trace
from ui.state.session import identify_run, mode, path_of
from ui.state.view import View
from ui.take_home.picture import Picture

VALUES = {"weight": "weights", "carried": "carried"}  # what is shown, and what it is called in code
BESIDE = " | "  # between the labels of two runs


def head_pictures(view: View, shown: str, over: str, compared: tuple[View, View] | None) -> list[Picture]:
    """Return the pictures of the page.

    Args:
        view: with the open head.
        shown: "weight" or "carried".
        over: of the measures: "here" or "set".
        compared: the views of two heads that stand side by side.
    """
    found = [_measures(view, over), _head(view, shown)]
    return [*found, *_compared(*compared, shown)] if compared else found


def _measures(view: View, over: str) -> Picture:
    lang, asked, kind = view.lang, identify_run(view), f"{view.stack}.{view.block}"
    plan = get_model(asked.model).plan
    columns = [one.name for one in measures_for(plan, kind)]
    blocks = [block.path for block in attention_of(plan, view.stack, view.block)]

    def code() -> str:
        if over == "here" or not examples(asked.model):
            texts = (asked.source, asked.target, asked.edits)
            return measures_snippet(asked.model, blocks, columns, *texts, alignment_of(asked))
        known = {one: alignment_of(Asked(asked.model, one, "")) for one in examples(asked.model)}
        aligned = {sentence: pairs for sentence, pairs in known.items() if pairs}
        return measures_set_snippet(asked.model, blocks, columns, examples(asked.model), aligned)

    of = asked.edited if over == "here" or not examples(asked.model) else asked.plain
    matrix = partial(measures_matrix, asked, kind, over, lang, theme(mode()))
    return Picture("all_heads", f"{kind}-measures", t("heads_take.measures", lang), matrix, code, asked=of)


def _head(view: View, shown: str) -> Picture:
    asked, value, look = identify_run(view), VALUES[shown], mode()  # a file is made without a session to ask for it
    edited, original = _run(view, asked), _run(view, asked.plain)

    def matrix() -> Matrix:
        values, allowed = _numbers(view, asked, shown), _allowed(view, asked)
        if asked.difference:
            values, allowed = values - _numbers(view, asked.plain, shown), allowed | _allowed(view, asked.plain)
        name = t("edit_run.minus", view.lang, name=value) if asked.difference else value
        return head_matrix(values, allowed, _axes(view, asked, name, look), theme(look), signed=asked.difference)

    def code() -> str:
        runs, how = ([original, edited], "difference") if asked.difference else ([edited], "one")
        return runs_snippet(value, runs, how)  # type: ignore[arg-type]

    title = t("heads_words.one", view.lang, layer=view.layer, head=view.head)
    return Picture("all_heads", f"{path_of(view)}.{value}-head{view.head}", title, matrix, code, ".place", asked=asked)


def _compared(first: View, second: View, shown: str) -> list[Picture]:
    lang, value, views, look = first.lang, VALUES[shown], (first, second), mode()
    asked = [identify_run(view) for view in views]
    runs = [_run(view, of) for view, of in zip(views, asked, strict=True)]
    heads = [f"{run.model}-{_named(run)}" if run.model != runs[0].model else _named(run) for run in runs]

    def side(i: int) -> Matrix:
        numbers, allowed = _numbers(views[i], asked[i], shown), _allowed(views[i], asked[i])
        return head_matrix(numbers, allowed, _axes(views[i], asked[i], value, look), theme(look))

    def picture(i: int, name: str) -> Picture:
        title, code = t(f"heads_take.{name}", lang), partial(runs_snippet, value, [runs[i]])
        name, part = f"compared-{name}-{heads[i]}", f".compared section:nth-of-type({i + 1})"
        return Picture("two_heads", name, title, partial(side, i), code, part, asked=asked[i].edited)

    found = [picture(0, "first"), picture(1, "second")]
    if _allowed(first, asked[0]).shape != _allowed(second, asked[1]).shape:
        return found

    def apart() -> Matrix:
        one, other = side(0), side(1)
        rows, columns = _both(one.axes.rows, other.axes.rows), _both(one.axes.columns, other.axes.columns)
        allowed, axes = one.allowed | other.allowed, replace(one.axes, rows=rows, columns=columns)
        return head_matrix(other.values - one.values, allowed, axes, theme(look), signed=True)

    title, code = t("compare_words.difference", lang), partial(runs_snippet, value, runs, "difference")
    name, part = f"compared-difference-{heads[1]}-{heads[0]}", ".compared section:nth-of-type(3)"
    return [*found, Picture("two_heads", name, title, apart, code, part, asked=asked[1].edited)]


def _named(run: RunOf) -> str:
    return f"{run.path}-head{run.head}"


def _run(view: View, asked: Asked) -> RunOf:
    texts = {"model": asked.model, "source": asked.source, "target": asked.target, "edits": asked.edits}
    return RunOf(**texts, path=path_of(view), head=view.head)


def _numbers(view: View, asked: Asked, shown: str) -> Array:
    assert view.layer is not None
    return values_of_head(get_trace(asked), (view.stack, view.block), shown, view.layer, view.head)


def _allowed(view: View, asked: Asked) -> Array:
    return np.asarray(get_trace(asked)[f"{path_of(view)}.mask"])


def _axes(view: View, asked: Asked, value: str, look: Mode) -> Axes:
    lang, trace = view.lang, get_trace(asked)
    asks, answers = sides(trace, (view.stack, view.block))
    rows, columns = side_ticks(trace, asks, look), side_ticks(trace, answers, look, reads=True)
    titles = row_title("Q", asks, asked.model, lang), t("axis.K", lang)
    return Axes(rows, columns, *titles, value, blocked=t("value.blocked", lang))


def _both(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The labels of both runs; where they are the same, once."""
    return [a if a == b else f"{a}{BESIDE}{b}" for a, b in zip(first, second, strict=True)]
