"""What a model makes of a text by itself, as lines of words below the bar: its own words look other than typed ones."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import cast

import streamlit as st

from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key, written_list
from transformer_core.glass.words import Word
from transformer_core.models.tasks import WritingTask
from ui.frame.text import say_error, t
from ui.frame.wording import said
from ui.state.edit_list import KEPT
from ui.state.models import Asked, edits_of, get_model, get_trace
from ui.state.session import identify_run, ready_text
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

FIRST = 16  # words with which a model goes on that are shown; the player shows all

Line = dict[str, object]


def written_lines(view: View, trace: Trace) -> list[Line]:
    """Return the lines of what is written for the view's text: under no edits, and under those in effect."""
    abilities = get_model(view.model).abilities
    if "translates" in abilities:
        return _translated(view, trace)
    if "predicts_next" in abilities:
        return _gone_on(view)
    return _filled(view) if "fills" in abilities else []


def word_line(
    title: str, side: str, words: tuple[Word, ...], unseen: tuple[bool, ...] = (), of: tuple[str, int] | None = None
) -> Line:
    """Return a line of words as `ui.parts.components.word_lines` draws it.

    Args:
        title: of the line.
        side: how its words look: "source" or "target".
        words: the words.
        unseen: of each whether training never saw it.
        of: the word list that they stand in, and the position of the first; None where no picture shows them.
    """
    texts, special = [word.text for word in words], [word.special for word in words]
    line: Line = {
        "title": title,
        "side": side,
        "words": texts,
        "special": special,
        "unseen": unseen or [False] * len(words),
    }
    return line if of is None else {**line, "of": list(of)}


def told_apart(line: Line, words: tuple[Word, ...], lang: str, *, more: bool = False) -> Line:
    """Return a line in which words that were typed look other than those of the model, and say so when pointed at.

    Args:
        line: from `word_line`.
        words: the same words.
        lang: of what they say.
        more: whether there are words behind these that are not shown.
    """
    looks = ["typed" if word.typed else line["side"] for word in words]
    titles = ["" if word.special else t("bar.typed" if word.typed else "bar.own_word", lang) for word in words]
    return {**line, "looks": looks, "titles": titles, "more": t("bar.more", lang) if more else ""}


def own_words(asked: Asked) -> tuple[tuple[Word, ...], bool]:
    """Return the words that the model writes by itself, greedily, step by step, and whether it would go on.

    Of a model that goes on with texts these are its first words behind the text.

    Raises:
        GlassformerError: if the edits cannot be carried out on what it writes.
    """
    return _own(asked.model, asked.source, asked.edits)


@lru_cache(maxsize=KEPT)
def _own(model: str, source: str, edits: str) -> tuple[tuple[Word, ...], bool]:
    glass = get_model(model)
    task, most = glass.task, glass.config.max_length
    assert isinstance(task, WritingTask)
    if "predicts_next" in glass.abilities:
        most = min(most, len(task.begin(source).given) + FIRST)
    found = glass.decode(source, max_length=most, edits=edits_of(Asked(model, source, "", edits)))
    words = task.written.words(found.ids, [t < found.n_forced for t in range(len(found.ids))])
    return words[found.n_forced :], found.stopped != "end"


def doubtful_words(view: View, trace: Trace) -> tuple[tuple[int, int], ...]:
    """Return the words of which the model is not sure, as `Glass.doubted`; () where the run does not write its own."""
    asked = Asked(view.model, ready_text(view).text, "")
    if get_model(view.model).doubt is None or trace.writing.written_ids != get_trace(asked).writing.written_ids:
        return ()
    return _doubted(asked)


@kept_with_run
def _doubted(asked: Asked) -> tuple[tuple[int, int], ...]:
    return get_model(asked.model).doubted(get_trace(asked))


def _translated(view: View, trace: Trace) -> list[Line]:
    lang, forced = view.lang, view.target.strip()
    title, of = t("bar.forced" if forced else "bar.output", lang), (_written(trace), 1)
    line = word_line(title, "target", trace.writing.written, of=of)
    if forced:
        own = get_trace(Asked(view.model, ready_text(view).text, "")).writing.written
        return [line, word_line(t("bar.own", lang), "target", own), *_under_edits(view)]
    return [_with_doubt(line, doubtful_words(view, trace), lang), *_under_edits(view)]


def _with_doubt(line: Line, doubtful: tuple[tuple[int, int], ...], lang: str) -> Line:
    """A line that says that the model is not sure of it, with the words that make it so."""
    if not doubtful:
        return line
    there = {i for first, behind in doubtful for i in range(first, behind)}
    doubted = [i in there for i in range(len(cast(list[str], line["words"])))]
    titles = [t("bar.doubtful_word", lang) if marked else "" for marked in doubted]
    return {**line, "title": t("bar.doubtful", lang), "doubted": doubted, "titles": titles}


def _written(trace: Trace) -> str:
    """The name of the word list at whose positions the model says what it expects."""
    found = written_list(trace.plan)
    assert found is not None
    return found.name


def _gone_on(view: View) -> list[Line]:
    words, more = own_words(Asked(view.model, ready_text(view).text, ""))
    line = word_line(said("bar.output", view.model, view.lang), "target", words)
    lines = [told_apart(line, words, view.lang, more=more)] if words else []
    return [*lines, *_under_edits(view)]


def _under_edits(view: View) -> list[Line]:
    """The line that the edited model writes; none where there are no edits.

    Where the edits cannot be carried out on what it writes, that is said instead.
    """
    asked = identify_run(replace(view, run="edited"))
    if not view.edits or not asked.edits:
        return []
    try:
        words, more = own_words(asked)
    except GlassformerError as error:
        reason = say_error(error, view.lang)
        st.warning(t("edit_bar_said.writes_refused", view.lang, reason=reason), icon=":material/block:")
        return []
    line = word_line(said("edit_bar_said.writes", view.model, view.lang), "target", words)
    goes_on = "predicts_next" in get_model(view.model).abilities
    return [told_apart(line, words, view.lang, more=more) if goes_on else line]


def _filled(view: View) -> list[Line]:
    """What the model expects at each [MASK], among the words that stand there; none without a [MASK]."""
    lang, asked = view.lang, identify_run(replace(view, run="edited"))
    runs = [
        ("bar.output", get_trace(asked.plain)),
        *([("edit_bar_said.writes", get_trace(asked))] if asked.edits else []),
    ]
    lines = []
    for title, trace in runs:
        words = _expected(view.model, trace)
        if any(not word.typed and not word.special for word in words):
            line = word_line(said(title, view.model, lang), "target", words)
            lines.append(told_apart(line, words, lang))
    return lines


def _expected(model: str, trace: Trace) -> tuple[Word, ...]:
    """The words of a run, at each hidden position the most probable one."""
    found, best = trace.writing, trace[logits_key(trace.plan)].argmax(axis=1)
    hidden = [was.typed and not now.typed for was, now in zip(found.read, found.written, strict=True)]
    ids = [int(i) if hide else own for i, hide, own in zip(best, hidden, found.written_ids, strict=True)]
    words = get_model(model).task.side.words(ids, [word.typed for word in found.written])
    return tuple(replace(word, special=word.special and not hide) for word, hide in zip(words, hidden, strict=True))
