"""The measures of heads as the page of all heads shows them: over one sentence, and over the example sentences."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, ids_matrix
from figures.base.labels import number
from figures.base.theme import Theme
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.walks import attention_facts, with_role
from transformer_core.studies.heads.alignments import read_alignments
from transformer_core.studies.heads.attention_blocks import block_kind
from transformer_core.studies.heads.head_measures import MEASURES, Measure, Pair
from transformer_core.studies.heads.head_table import HEAD_LABELS, HeadLabel, HeadTable, head_labels, measures_of, over
from ui.frame.text import SEPARATOR, dotted, escape, t
from ui.state.examples import example_file, examples
from ui.state.models import Asked, get_model, get_trace
from ui.state.shared.kept import kept_with_run

Array = NDArray[Any]
DIGITS = 5
Pairs = tuple[Pair, ...]
SET = {"mean": "values", "spread": "spreads", "n": "counts"}


def measures(asked: Asked, kind: str, over_what: str, lang: str) -> dict[str, Any]:
    """Return the measures of all heads of a kind of attention, `decoder.cross_attn`.

    Returns:
        columns: name, title, means, high of each measure; here: for each head its numbers, None where the sentence
        cannot tell; set: mean and spread of the same over the example sentences, and how many could tell, None until
        `over_what` is "set"; n_examples; labels: by "here" and "set" a text for each head, "" where no bar is cleared.
    """
    there, plan = examples(asked.model), get_model(asked.model).plan
    table = _over_examples(asked.model, lang) if over_what == "set" and there else None
    return {
        "columns": [_column(one, lang) for one in measures_for(plan, kind)],
        "here": _numbers(plan, _here(asked), kind, "values"),
        "set": table and {name: _numbers(plan, table, kind, what) for name, what in SET.items()},
        "n_examples": len(there),
        "labels": {
            "here": _labels(plan, _here(asked), 1, kind, lang),
            "set": _labels(plan, table, len(there), kind, lang),
        },
    }


def measures_for(plan: Plan, kind: str) -> tuple[Measure, ...]:
    """Return the measures that mean something for a kind of attention."""
    sees = block_kind(_blocks(plan, kind)[0])
    return tuple(one for one in MEASURES.values() if sees in one.blocks)


def measures_matrix(asked: Asked, kind: str, over_what: str, lang: str, colours: Theme) -> Matrix:
    """Return the measures of all heads of a kind of attention as a table: a row per head, NaN where none can tell."""
    whole = over_what == "set" and examples(asked.model)
    table = _examples_table(asked.model) if whole else _here(asked)
    plan = get_model(asked.model).plan
    named, heads = measures_for(plan, kind), _heads(plan, table, kind)
    values = np.stack([table.values[one.name][heads] for one in named], axis=1)
    rows = [
        t("heads_words.short", lang, layer=block.layer, head=number)
        for block in _blocks(plan, kind)
        for number in range(attention_facts(block).heads)
    ]
    axes = Axes(rows, [t(f"measure.{one.name}", lang) for one in named], "", "", t("heads_take.measures", lang))
    return replace(ids_matrix(values, axes, colours), digits=2)  # each column has a unit of its own, and no colour


def show_formulas(plan: Plan, kind: str, lang: str) -> None:
    """Draw what each measure is: in words, its formula, its source, and the bar from which a head is called by it."""
    with st.expander(t("heads.formulas", lang)):
        st.markdown(dotted("heads.rows", lang))
        st.markdown("\n".join(_formula(one, lang) for one in measures_for(plan, kind)))


def _formula(one: Measure, lang: str) -> str:
    bars = []
    for name, query in HEAD_LABELS.items():
        if query.measure == one.name:
            sign, bar = ("≥", query.at_least) if np.isfinite(query.at_least) else ("≤", query.at_most)
            bars.append(t("heads.bar", lang, label=t(f"head_name.{name}", lang), sign=sign, bar=bar))
    words = [f"**{dotted(f'measure.{one.name}', lang)}**: {dotted(f'measure_means.{one.name}', lang)}", *bars]
    return f"- {' '.join(words)} ${one.latex}$ ({escape(one.source)})"


def _column(one: Measure, lang: str) -> dict[str, Any]:
    means = t(f"measure_means.{one.name}", lang)
    return {"name": one.name, "title": t(f"measure.{one.name}", lang), "means": means, "high": one.high}


@kept_with_run
def _here(asked: Asked) -> HeadTable:
    return measures_of(get_trace(asked), alignment_of(asked))


def _over_examples(model: str, lang: str) -> HeadTable:
    with st.spinner(t("heads.working", lang, n=len(examples(model)))):
        return _examples_table(model)


@st.cache_resource(show_spinner=False)
def _examples_table(model: str) -> HeadTable:
    asked = [Asked(model, source, "") for source in examples(model)]
    return over([get_trace(one) for one in asked], [alignment_of(one) for one in asked])


def alignment_of(asked: Asked) -> Pairs | None:
    """Return the word alignment of a sentence with what is written for it, if somebody has made one."""
    return _aligned(asked.model).get((asked.source, get_trace(asked).written_ids))


@lru_cache(maxsize=8)
def _aligned(model: str) -> dict[tuple[str, tuple[int, ...]], Pairs]:
    path = example_file("alignments", model)
    sentences = read_alignments(path) if path.exists() else ()
    return {(one.source, tuple(get_model(model).target_ids(one.target))): one.pairs for one in sentences}


def _heads(plan: Plan, table: HeadTable, kind: str) -> list[int]:
    """Where the heads of a kind stand in the table, layer after layer."""
    paths = {block.path for block in _blocks(plan, kind)}
    return [i for i, head in enumerate(table.heads) if head.block in paths]


def _blocks(plan: Plan, kind: str) -> tuple[Block, ...]:
    return tuple(block for block in with_role(plan, "attention") if f"{block.stack}.{block.name}" == kind)


def _numbers(plan: Plan, table: HeadTable, kind: str, what: str) -> list[list[float | None]]:
    columns = [getattr(table, what)[one.name] for one in measures_for(plan, kind)]
    return [
        [None if np.isnan(column[i]) else round(float(column[i]), DIGITS) for column in columns]
        for i in _heads(plan, table, kind)
    ]


def _labels(plan: Plan, table: HeadTable | None, n_sentences: int, kind: str, lang: str) -> list[str]:
    if table is None:
        return []
    labels = head_labels(table)
    return [SEPARATOR.join(_label(label, n_sentences, lang) for label in labels[i]) for i in _heads(plan, table, kind)]


def _label(label: HeadLabel, n_sentences: int, lang: str) -> str:
    """A label with its number; where only some of the sentences could tell, it says how many."""
    said = t(f"head_label.{label.name}", lang, value=number(label.value, 2))
    return said if label.n == n_sentences else t("heads.label_over", lang, label=said, n=label.n)
