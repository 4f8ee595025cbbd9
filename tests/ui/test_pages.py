"""Every page, from the frame down, opens: in each language, with each model, with a link and without one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translators import TRANSLATORS
from tests.ui.drawn import maps
from tests.ui.opened import (
    BLOCKS,
    PAGES,
    notes,
    open_page,
    type_source,
    warnings,
    words,
)
from transformer_core.models.files import bundled_models, load_model
from ui.decode.forcing import telling_pair
from ui.frame.text import LANGUAGES, t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL

MODELS = TRANSLATORS
CHINESE = "我有一只猫"
OTHERS = [model for model in MODELS if model != DEFAULT_MODEL]


# The default model in every language, quick in one of them in turn; and the other models in turn.
@pytest.mark.every_case
@pytest.mark.parametrize(
    ("file", "model", "lang"),
    [
        *((file, DEFAULT_MODEL, LANGUAGES[i % len(LANGUAGES)]) for i, file in enumerate(PAGES)),
        *(
            pytest.param(file, DEFAULT_MODEL, lang, marks=pytest.mark.slow)
            for i, file in enumerate(PAGES)
            for lang in LANGUAGES
            if lang != LANGUAGES[i % len(LANGUAGES)]
        ),
        *(pytest.param(file, OTHERS[i % len(OTHERS)], "zh", marks=pytest.mark.slow) for i, file in enumerate(PAGES)),
    ],
)
def test_a_page_opens(file: str, lang: str, model: str) -> None:
    at = open_page(file, lang=lang, model=model, source=examples(model)[0])
    assert warnings(at) == []
    assert notes(at) == []
    assert at.error.len == 0
    assert words(at)[0][-1] == "</s>"
    assert at.text_input(key="source").label == t("bar.source", lang)
    assert at.selectbox(key="model").value == model


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(set(bundled_models()) - set(TRANSLATORS)))
@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_for_a_model_of_one_text(file: str, model: str) -> None:
    at = open_page(file, lang="en", model=model, source=examples(model)[0])
    assert at.error.len == 0
    assert at.text_input(key="source").value == examples(model)[0]
    assert at.selectbox(key="model").value == model
    assert warnings(at) == []
    said = [box.value for box in at.info]  # where only a model that writes can help
    assert bool(said) == (file.startswith("decode/") and "writes" not in load_model(model).abilities)
    assert all("→" in one for one in said)


@pytest.mark.slow
@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_without_a_link(file: str) -> None:
    at = open_page(file)
    assert (warnings(at), notes(at)) == ([], [])
    model = "en-fr"  # the translator for a reader of English, as AppTest is
    assert at.selectbox(key="model").value == model
    pair = telling_pair(model) if file == "decode/forcing.py" else (examples(model)[0], "")
    assert (at.text_input(key="source").value, at.text_input(key="target").value) == pair
    assert at.button_group(key="lang").value in LANGUAGES


@pytest.mark.slow
@pytest.mark.parametrize(("file", "text"), [*((file, "") for file in PAGES), (PAGES[0], "   \t ")])
def test_without_a_word_the_reader_is_asked_for_one(file: str, text: str) -> None:
    at = open_page(file, lang="zh", source=text)
    assert warnings(at) == [t("error.empty_text", "zh")]
    assert maps(at) == {}
    assert words(type_source(at, CHINESE))[0] == [*CHINESE, "</s>"]


@pytest.mark.slow
@pytest.mark.parametrize(("stack", "block"), BLOCKS, ids=".".join)
def test_a_chart_has_a_row_and_a_column_per_position(stack: str, block: str) -> None:
    at = open_page(source=CHINESE, stack=stack, block=block, stage="weights", lang="en")
    source, written = words(at)
    n_rows = len(source if stack == "encoder" else written)
    n_columns = len(written if (stack, block) == ("decoder", "self_attn") else source)
    heat = maps(at)["map0"]
    assert heat["cells"].shape == (n_rows, n_columns)
    assert (heat["low"], heat["high"]) == (0, 1)
    assert np.isinf(heat["cells"]).any() == ((stack, block) == ("decoder", "self_attn"))
    assert heat["column_labels"][0].startswith("0 ")
    assert ("→" in heat["row_labels"][0]) == (stack == "decoder")
