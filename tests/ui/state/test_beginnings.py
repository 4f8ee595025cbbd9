"""Where a page begins: at the attention and at the cell that tell most, until the reader chooses others."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translators import TRANSLATORS
from tests.ui.opened import components, open_page, sound
from ui.parts.telling import most_telling, strongest
from ui.state.examples import examples
from ui.state.models import Asked, get_trace
from ui.state.values import find_value

CROSS, CAUSAL = ("decoder", "cross_attn"), ("decoder", "self_attn")
BEGINS = {"learn/masks.py": CAUSAL, "explore/attention.py": CAUSAL, "explore/heads.py": CROSS}


@pytest.mark.parametrize(("page", "attention"), BEGINS.items())
def test_a_page_begins_with_its_most_telling_attention(page: str, attention: tuple[str, str]) -> None:
    at = open_page(page)
    assert (at.session_state["stack"], at.session_state["block"]) == attention
    asked_for = open_page(page, block="self_attn", stack="encoder")
    assert (asked_for.session_state["stack"], asked_for.session_state["block"]) == ("encoder", "self_attn")


def test_what_the_reader_chose_stays_on_the_other_pages() -> None:
    at = open_page("learn/masks.py")
    at.switch_page("../pages/explore/heads.py").run()
    assert at.session_state["block"] == "cross_attn"  # nothing was chosen yet
    at.switch_page("../pages/learn/masks.py").run()
    at.button_group(key="choose.attention").set_value(("encoder", "self_attn"))
    sound(at.run())
    at.switch_page("../pages/explore/heads.py").run()
    assert (at.session_state["stack"], at.session_state["block"]) == ("encoder", "self_attn")
    assert components(at)["address"]["query"]["stack"] == "encoder"


@pytest.mark.parametrize("model", TRANSLATORS)
def test_the_cell_that_is_explained_first_stands_between_words(model: str) -> None:
    trace = get_trace(Asked(model, examples(model)[0], ""))
    words, value = trace.words_of("target"), find_value(trace.plan, "decoder.2.cross_attn.weights")
    rows = [i for i, pair in enumerate(zip(words.texts, words.written_texts, strict=True)) if "".join(pair).isalnum()]
    columns = [i for i, text in enumerate(trace.source_tokens) if text.isalnum()]
    for cells in trace[value.key]:
        row, column = most_telling(trace, value, cells)
        assert row in rows
        assert column in columns
        assert cells[row, column] == cells[np.ix_(rows, columns)].max()


def test_of_scores_it_is_one_that_the_mask_lets_through() -> None:
    trace = get_trace(Asked("en-fr", examples("en-fr")[0], ""))
    for name in ("scores_raw", "scores", "weights"):
        value = find_value(trace.plan, f"decoder.2.self_attn.{name}")
        for cells in trace[value.key]:
            assert trace["decoder.2.self_attn.mask"][most_telling(trace, value, cells)]


def test_where_there_is_no_word_it_is_the_strongest() -> None:
    trace = get_trace(Asked("zh-en", "！！", ""))
    value = find_value(trace.plan, "encoder.0.self_attn.scores")
    assert most_telling(trace, value, trace[value.key][0]) == strongest(trace[value.key][0])
