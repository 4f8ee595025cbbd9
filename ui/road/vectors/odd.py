"""The word that does not belong: of a few words the one that is least like the others, in all dimensions."""

from __future__ import annotations

import re

import streamlit as st

from figures.base.labels import bare_label, number
from figures.base.theme import theme
from figures.road.table import cosine_map
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word
from ui.frame.text import SEPARATOR, dotted, escape, t
from ui.parts.charts import heat
from ui.road.vectors.analogies import of_words
from ui.road.word_map import vectors_of
from ui.state.session import mode
from ui.state.view import View

LEAST, MOST = 3, 8  # words
LONGEST = 120  # characters


def _listed(text: str) -> list[str]:
    """The words of a text, each once."""
    return list(dict.fromkeys(re.findall(r"[\w'-]+", text.lower())))


WORDS = of_words("odd", lambda text: text if 0 < len(text) <= LONGEST else None)


def show_odd(view: View, trace: Trace) -> None:
    """Draw how alike a few words are, two by two, and say which of them is least like the others."""
    lang, vectors, picture = view.lang, vectors_of(view.model), st.container()
    st.text_input(t("odd.words", lang), max_chars=LONGEST, **WORDS.widget())
    words = _listed(WORDS.value)
    unknown = [word for word in words if vectors.tokenizer.id_of(word) is None]
    if unknown:
        st.info(t("odd.unknown", lang, words=escape(SEPARATOR.join(unknown))), icon=":material/edit:")
        return
    if not LEAST <= len(words) <= MOST:
        st.info(t("odd.some", lang, least=LEAST, most=MOST), icon=":material/edit:")
        return
    means = dict(zip(words, vectors.belonging(words).tolist(), strict=True))
    odd = min(means, key=means.__getitem__)
    with picture:
        rows = vectors.rows[[vectors.row(word) for word in words]]
        colours = theme(mode())
        labels = [bare_label(Word(word, False), colours) for word in words]
        matrix = cosine_map(rows, labels, t("table.cosine", lang), colours)
        heat(matrix, "odd_map", t("odd.map", lang), view, lambda row, column: None)
        others = SEPARATOR.join(f"{escape(word)} {number(mean, 2)}" for word, mean in means.items() if word != odd)
        facts = {"odd": escape(odd), "mean": number(means[odd], 2), "others": others}
        st.markdown(dotted("odd.told", lang, width=rows.shape[1], **facts))
