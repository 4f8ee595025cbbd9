"""Page: the same model on the right words and on its own, position by position, until the two part."""

from __future__ import annotations

from ui.decode.forcing import choose_parting, compared, show_proof, show_runs
from ui.decode.race import show_race
from ui.decode.training_ways import show_training
from ui.frame.bar import show_words
from ui.frame.edit_bar import show_no_steps
from ui.parts.components import address
from ui.state.session import asked_for, current_view, first_step, show_problems, traced
from ui.state.view import Problem, to_query

PAGE = "forcing"


def main() -> None:
    view = current_view()
    address(to_query(view), PAGE)
    trace = traced(view, needs="writes")
    if trace is None:
        return
    if trace.breaks_causality:
        show_words(view, trace)
        show_no_steps(view.lang)
        return
    comparison = compared(asked_for(view))
    problems: list[Problem] = []
    first_step(view, max(len(comparison.forced.ids), len(comparison.own.ids)), problems)
    show_problems(view.lang, problems)
    show_words(view, trace)
    choose_parting(view)
    show_runs(current_view(), comparison)
    show_proof(view, comparison)
    show_race(current_view(), comparison)
    show_training(view.lang)


main()
