"""The page on teacher forcing as a session sees it: what is compared, and examples that really part."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from examples.find_divergence import LEAST, change
from figures.base.labels import number
from tests.translators import TRANSLATORS
from tests.ui.opened import ONE_LANGUAGE, charts, components, notes, open_page, sound, type_source, warnings
from ui.decode.forcing import compared
from ui.frame.text import dotted, t
from ui.state.examples import parting_pairs
from ui.state.models import DEFAULT_MODEL, Asked

PAGE = "decode/forcing.py"
SOURCE, REFERENCE = "汤姆昨天买了一本书。", "Yesterday, Tom bought a book."


def said(at: object) -> str:
    return "\n".join(text.value for text in at.markdown)  # type: ignore[attr-defined]


def races(at: AppTest) -> list[dict[str, Any]]:
    """The charts of the race; the two of the training stand behind them."""
    return charts(at)[:-2]


@pytest.mark.slow
@pytest.mark.parametrize("model", TRANSLATORS)
def test_every_example_parts_and_its_losses_differ_afterwards(model: str) -> None:
    pairs = parting_pairs(model)
    assert len(pairs) == len(dict(pairs)) >= 5
    for source, reference in pairs:
        comparison = compared(Asked(model, source, reference))
        assert comparison.inputs_part is not None
        assert change(comparison) >= LEAST


def test_a_model_that_is_not_bundled_has_no_examples() -> None:
    assert parting_pairs("of-somebody") == ()


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_with_a_reference_both_runs_are_told(lang: str) -> None:
    at = open_page(PAGE, lang=lang, source=SOURCE, target=REFERENCE)
    runs = components(at)["forcing"]
    assert [row["right"]["text"] for row in runs["forced"]] == [
        "Yesterday",
        ",",
        "Tom",
        "bought",
        "a",
        "book",
        ".",
        "</s>",
    ]
    assert runs["inputs_part"] == 1
    assert dotted("forcing.passes", lang, forced=len(runs["forced"]), own=len(runs["own"])) in said(at)
    means = {side: number(runs["both"][side], 2) for side in ("forced", "own")}
    assert dotted("forcing.means", lang, start=1, n=runs["both"]["n"], **means) in said(at)
    assert dotted("forcing.no_reference", lang) not in said(at)
    assert at.latex.len == 1


@pytest.mark.slow
def test_without_a_reference_the_translation_is_one_and_the_page_says_so() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE)
    runs = components(at)["forcing"]
    assert dotted("forcing.no_reference", "en") in said(at)
    assert (runs["words_part"], runs["inputs_part"], runs["both"]) == (None, None, None)
    assert [row["right"] for row in runs["forced"]] == [row["written"] for row in runs["own"]]


@pytest.mark.slow
def test_a_step_that_is_not_there_is_said_and_replaced() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, target=REFERENCE, step=99)
    assert components(at)["forcing"]["step"] == 7
    assert notes(at) == [t("link.bad", "en", name="step", value="99", used="7")]
    assert components(type_source(at, "他每天喝茶。"))["forcing"]["step"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("target", [" ".join(["cat"] * 63), "猫", "<b>x</b> שלום", "cat"])
def test_any_reference_is_taken(target: str) -> None:
    at = open_page(PAGE, lang="zh", source="猫", target=target)
    assert warnings(at) == [] or "猫" not in target
    assert len(components(at)["forcing"]["forced"]) >= 2


@pytest.mark.slow
def test_a_reference_that_is_too_long_is_said_in_words() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, target=" ".join(["cat"] * 64))
    assert warnings(at) == [t("error.text_too_long", "en", n_tokens=64, limit=63)]
    assert "forcing" not in components(at)
    assert "forcing" in components(sound(at.text_input(key="target").set_value("A cat.").run()))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_times_are_measured_when_the_reader_asks(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.decode.race.LENGTHS", (3, 6))  # what takes long has its own test in the core
    at = open_page(PAGE, lang=lang, source=SOURCE, target=REFERENCE)
    assert races(at) == []
    sound(at.button(key="race_start").click().run())
    n_words = len(compared(Asked(DEFAULT_MODEL, SOURCE, REFERENCE)).own.ids)
    (chart,) = races(at)
    assert [len(curve["x"]) for curve in chart["data"]] == [3, 3, 3]
    assert dotted("race.told", lang, n=n_words, parallel="MS", cached="", growing="").split("MS")[0] in said(at)
    type_source(at, "猫")
    assert races(at) == []  # another sentence has not been measured
