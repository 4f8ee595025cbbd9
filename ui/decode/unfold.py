"""Where the player's words come from: a rule, the reader's own picks, and the run that follows from both."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import streamlit as st

from figures.decode.unfold import unfold
from figures.decode.unfold_run import run_facts
from figures.decode.unfold_wire import packed
from transformer_core.decoding.decode import cache_difference
from transformer_core.decoding.records import Decoding
from transformer_core.decoding.rules import Rule
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import probs_key
from transformer_core.snippets.picture import picture_snippet
from ui.decode.components import player
from ui.frame.page import Page
from ui.frame.text import t
from ui.frame.wording import fitting, said_dotted
from ui.parts.choosers import choose_layer_and_heads
from ui.parts.decoding_rules import BEAM, DRAW, RULE, choose_rule, chosen_rule, limit_of
from ui.state.both_runs import say_parting, say_writer
from ui.state.models import CONTINUED, Asked, edits_of, get_model, get_trace, given_ids, kept_trace, word_of
from ui.state.options import Option, tied
from ui.state.session import current_view, first_step, identify_run, mode, show_problems
from ui.state.shared.kept import kept_with_run
from ui.state.view import Problem, View
from ui.take_home.picture import take_pictures
from ui.take_home.words import best_words

Picks = tuple[tuple[int, int], ...]  # (step, id) of each word that the reader chose, in the order of the steps


def _read_picks(text: str) -> Picks | None:
    if not re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,6}(_[0-9]{1,3}\.[0-9]{1,6})*", text):
        return None
    picks = tuple((int(step), int(word)) for step, _, word in (pick.partition(".") for pick in text.split("_")))
    steps = [step for step, _ in picks]
    return picks if steps == sorted(set(steps)) else None


def _write_picks(picks: Picks) -> str:
    return "_".join(f"{step}.{word}" for step, word in picks)


PICKS: Option[Picks] = Option("picks", (), _read_picks, _write_picks)
OPTIONS = (RULE, *DRAW, *BEAM, PICKS)


def own_run(asked: Asked, problems: list[Problem]) -> tuple[Trace, dict[str, Any] | None]:
    """Return the trace that is shown, and what its decoding tells besides: None where the words were given.

    Picks that do not fit, as a link may bring them, are given back and added to `problems`.
    """
    asked = asked.edited
    if asked.target:
        return get_trace(asked), None
    rule = chosen_rule()
    picks = tied(PICKS, (asked, rule))
    if _prefix(asked, rule, picks) is None:
        problems.append(Problem(PICKS.name, _write_picks(picks), "-"))
        PICKS.choose(())
        picks = ()
    return _run(asked, rule, picks)


def words_of(view: View, problems: list[Problem]) -> Trace:
    """Return the run whose words stand in the bar: the player's, or under edits that of the unedited model.

    What the edited model writes has a line of its own there. Picks of a link that do not fit are added to `problems`.
    """
    asked = identify_run(view)
    own, _ = own_run(asked, problems)
    return get_trace(asked) if asked.edits else own


def show_decoding(page: Page, view: View) -> None:
    """Draw the player, where the link said that it begins."""
    asked, problems = identify_run(view), list[Problem]()
    trace, _ = own_run(asked, problems)
    first_step(view, len(trace.written_ids), problems, len(given_ids(asked)))
    show_problems(view.lang, problems)
    show_player(page, trace.written_ids)


@st.fragment  # another layer, head, rule or word reruns this block, and the player stays at its step
def show_player(page: Page, in_bar: Sequence[int]) -> None:
    """Draw the player with the words that were given, or else with those of the chosen rule and the reader's picks.

    Args:
        page: on which it stands.
        in_bar: ids of the words that stand in the bar, which have to be the same.
    """
    picture, choosers = st.container(), st.container()
    with choosers:
        view = choose_layer_and_heads(current_view())
    asked, key = identify_run(view).edited, f"{page.name}.player"
    with choosers:
        if not asked.target:
            choose_rule(view.lang)
        st.caption(said_dotted("unfold.lead", view.model, view.lang, n=CONTINUED))
        st.caption(said_dotted("unfold.learnt", view.model, view.lang))
        say_writer(view)
    trace, facts = own_run(asked, [])
    if tuple(trace.written_ids) != tuple(in_bar):
        st.rerun(scope="app")
    # Else the words are given, or part for another reason, too.
    if asked.edits and not asked.target and RULE.value == RULE.default and not PICKS.value:
        say_parting(view, trace.written_tokens, _run(asked.plain, chosen_rule(), ())[0].written_tokens)
    run = None if facts is None else {**facts, "model": asked.model}
    assert view.layer is not None
    steps = unfold(trace, view.layer, None if view.average else view.head, word_of(asked.model))
    pick = _picker(asked, len(trace.written_ids))
    words = fitting("player", view.model, view.lang, terms=True)
    with picture:
        lists = [trace.plan.word_lists[0].name, trace.plan.word_lists[-1].name]
        player(key, {**packed(steps, run), "lists": lists}, view.step, words, mode(), pick, _forget)
    title = t(f"page.{page.name}", view.lang)
    take_pictures(page.name, "", trace, [best_words(asked, trace, key, page.name, title, view.lang, _snippet(asked))])
    page.write_address()


def _run(asked: Asked, rule: Rule, picks: Picks) -> tuple[Trace, dict[str, Any]]:
    record, own = _record(asked, rule, picks), get_trace(asked)
    facts = _facts(asked, rule, picks)
    if record.ids == own.written_ids:
        return own, facts
    glass, edits, key = get_model(asked.model), edits_of(asked), ("words", asked, record.ids, record.n_forced)
    return kept_trace(key, asked, lambda: glass.trace_record(record, edits=edits)), facts


@lru_cache(maxsize=8)
def _facts(asked: Asked, rule: Rule, picks: Picks) -> dict[str, Any]:
    glass, record = get_model(asked.model), _record(asked, rule, picks)
    difference = None if asked.edits else cache_difference(glass.model, record)
    return run_facts(record, glass.config, [step for step, _ in picks], difference, len(given_ids(asked)))


@kept_with_run
def _record(asked: Asked, rule: Rule, picks: Picks) -> Decoding:
    prefix = _prefix(asked, rule, picks)
    assert prefix is not None
    behind = prefix[len(given_ids(asked)) :]
    most = limit_of(asked)
    return get_model(asked.model).decode(asked.source, rule, prefix=behind, max_length=most, edits=edits_of(asked))


def _prefix(asked: Asked, rule: Rule, picks: Picks) -> tuple[int, ...] | None:
    """The ids up to the last word that was picked, each one in the run that the picks before it give; None if unfit."""
    if not picks:
        return ()
    *before, (step, word) = picks
    if _prefix(asked, rule, tuple(before)) is None or word >= get_model(asked.model).config.vocab_size:
        return None
    written = _record(asked, rule, tuple(before)).ids
    return (*written[:step], word) if len(given_ids(asked)) <= step < len(written) else None


def _picker(asked: Asked, n_steps: int) -> Callable[[int, int], None]:
    def pick(step: int, word: int) -> None:
        first = len(given_ids(asked))
        if not asked.target and first <= step < n_steps and 0 <= word < get_model(asked.model).config.vocab_size:
            PICKS.choose((*(pick for pick in PICKS.value if pick[0] < step), (step, word)))

    return pick


def _snippet(asked: Asked) -> Callable[[], str] | None:
    """Python that writes the same words by the same rule; None where they were given."""
    if asked.target:
        return None
    rule = chosen_rule()
    prefix = (_prefix(asked, rule, tied(PICKS, (asked, rule))) or ())[len(given_ids(asked)) :]
    code = partial(picture_snippet, "decoding", **vars(asked), probs=probs_key(get_model(asked.model).plan))
    return partial(code, rule=rule, prefix=list(prefix), max_length=limit_of(asked))


def _forget() -> None:
    PICKS.choose(())
