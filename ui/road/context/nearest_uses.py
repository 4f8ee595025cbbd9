"""The labelled uses of a word, the nearest first; and of how many uses the nearest one is of the same sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import streamlit as st

from figures.base.labels import number
from transformer_core.glass.trace import Trace
from transformer_core.studies.road.word_plane import cosines_of
from transformer_core.studies.road.word_uses import (
    Neighbours,
    Use,
    nearest_uses,
    use_vectors,
    vectors_at,
    word_place,
)
from ui.frame.text import SEPARATOR, dotted, escape, section, t
from ui.parts.wires import UsesData
from ui.road.components import uses
from ui.road.context.pairs import labelled, pair_of, ready_pairs, senses_of
from ui.road.guess import Guess
from ui.state.models import get_model, language_of
from ui.state.session import mode
from ui.state.view import View

PAGE = "context"
GOOD = 0.8  # the share of nearest uses of the same sense that we asked for
GUESSED = 2  # uses of each sense among which the nearest is guessed


@lru_cache(maxsize=64)
def neighbours(model: str) -> Neighbours:
    """Return the nearest labelled use of each, at each layer of a model."""
    return nearest_uses(get_model(model), labelled(language_of(model)))


def distances_to(view: View, trace: Trace, word: str) -> dict[Use, float]:
    """Return the cosine between the word of the reader's sentence and each labelled use of it elsewhere, by the mix."""
    glass, pair = get_model(view.model), pair_of(view)
    others = [use for use in labelled(language_of(view.model)) if use.word == word and use.sentence != pair.first]
    if not others:
        return {}
    mine = vectors_at(trace, *word_place(glass, pair.first, word))[-1]
    return dict(zip(others, cosines_of(use_vectors(glass, others)[:, -1], mine).tolist(), strict=True))


def show_uses(view: View, trace: Trace) -> None:
    """Draw the labelled uses of the word, the nearest first."""
    lang, pair = view.lang, pair_of(view)
    found = distances_to(view, trace, pair.word)
    if not found:
        words = SEPARATOR.join(ready_pairs(language_of(view.model)))
        st.info(t("uses.none", lang, words=escape(words)), icon=":material/edit:")
        return
    own = next((use.sense for use in labelled(language_of(view.model)) if use.sentence == pair.first), "")
    senses = list(senses_of(pair.word, language_of(view.model)))
    items = [
        {**_parts(use), "sense": use.sense, "group": senses.index(use.sense), "cosine": round(cosine, 3)}
        for use, cosine in sorted(found.items(), key=lambda one: -one[1])
    ]
    first = _parts(Use(pair.word, own, pair.first))
    data = {
        "first": {**first, "sense": own, "group": senses.index(own) if own else -1, "cosine": 1},
        "items": items,
        "words": section("uses_words", lang),
    }
    uses("uses", cast(UsesData, data), mode())
    st.markdown(dotted("uses.look", lang))


def _parts(use: Use) -> dict[str, Any]:
    """A sentence around its word."""
    word = re.escape(use.word)
    place = re.search(rf"\b{word}\b", use.sentence, re.IGNORECASE) or re.search(word, use.sentence, re.IGNORECASE)
    assert place is not None, use
    return {
        "before": use.sentence[: place.start()],
        "word": place[0],
        "behind": use.sentence[place.end() :],
    }


def show_share(view: View) -> None:
    """Draw the number of this stop: how often the nearest use is of the same sense, layer by layer, and by chance."""
    lang, found = view.lang, neighbours(view.model)
    shares = found.right.mean(axis=0).tolist()[1:]
    names = [t("two_uses.layer", lang, n=j) for j in range(len(shares) - 1)] + [t("two_uses.mix", lang)]
    told = {name: f"{100 * share:.0f} %" for name, share in zip(names, shares, strict=True)}
    st.markdown(f"##### {t('uses.number', lang)}")
    with st.container(key="road_number", horizontal=True, gap="large"):
        for name, share in {**told, t("uses.chance", lang): f"{100 * found.chance:.0f} %"}.items():
            st.metric(name, share)
    best = max(shares)
    facts = {"n": len(found.uses), "best": f"{100 * best:.0f}", "chance": f"{100 * found.chance:.0f}"}
    st.caption(dotted("uses.good" if best >= GOOD else "uses.short", lang, **facts))


def tell_failure(view: View) -> str:
    """Return of one use that its nearest one is of another sense: of the reader's word, if there is such a one."""
    lang, found, word = view.lang, neighbours(view.model), pair_of(view).word
    wrong = [i for i, right in enumerate(found.right[:, -1]) if not right]
    if not wrong:
        return dotted("uses.all_right", lang)
    at = max(wrong, key=lambda i: (found.uses[i].word == word, found.cosines[i, -1]))
    one, other = found.uses[at], found.uses[int(found.nearest[at, -1])]
    facts = {"one": one.sentence, "other": other.sentence, "sense": one.sense, "other_sense": other.sense}
    cosine = number(float(found.cosines[at, -1]), 2)
    told: Mapping[str, str] = {name: escape(text) for name, text in facts.items()}
    return dotted("uses.wrong", lang, cosine=cosine, word=escape(one.word), **told)


def guess_nearest(view: View, trace: Trace) -> Guess | None:
    """Return the question which of some labelled uses is nearest to the reader's; None where none is labelled."""
    pair = pair_of(view)
    senses = senses_of(pair.word, language_of(view.model))
    options = [use for some in senses.values() for use in [u for u in some if u.sentence != pair.first][:GUESSED]]
    if not options:
        return None

    def answers() -> list[float]:
        found = distances_to(view, trace, pair.word)
        return [found[use] for use in options]

    return Guess(PAGE, [use.sentence for use in options], answers, lambda cosine: number(cosine, 2))
