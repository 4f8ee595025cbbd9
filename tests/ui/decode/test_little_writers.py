"""The pages that write, of little models that go on with a text: they begin behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.little_models import TEXTS, little_models, opened
from tests.ui.opened import components, notes
from transformer_core.models.files import load_model
from ui.frame.text import t

pytestmark = pytest.mark.slow

TELLER = "little-teller"


@pytest.fixture(scope="module", autouse=True)
def _known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with little_models(tmp_path_factory.mktemp("models")):
        yield


def test_the_player_begins_behind_the_text_and_says_which_words_were_typed() -> None:
    n_given = len(load_model(TELLER).task.begin(TEXTS[TELLER]).given)
    shown = components(opened("decode/unfold.py", TELLER))["player"]
    assert shown["step"] == n_given
    reasons = shown["run"]["steps"]["reason"]
    assert [reason == "given" for reason in reasons] == [step < n_given for step in range(len(reasons))]
    assert shown["source"] == []
    assert shown["words"]["looks"] == t("player_goes_on.looks", "en")
    assert components(opened("decode/unfold.py", TELLER, step=0))["player"]["step"] == 0


def test_picks_lie_behind_the_text() -> None:
    n_given = len(load_model(TELLER).task.begin(TEXTS[TELLER]).given)
    shown = components(opened("decode/unfold.py", TELLER, picks=f"{n_given + 1}.300"))["player"]
    assert shown["run"]["picked"] == [n_given + 1]
    assert shown["chosen"][n_given + 1][0] == 300
    (note,) = notes(opened("decode/unfold.py", TELLER, picks=f"{n_given - 1}.300"))
    assert "picks" in note


def test_forcing_takes_the_text_as_its_reference() -> None:
    glass = load_model(TELLER)
    given = glass.task.begin(TEXTS[TELLER]).given
    shown = components(opened("decode/forcing.py", TELLER))["forcing"]
    right = [row["right"]["text"] for row in shown["forced"]]
    assert right == [glass.task.side.tokenizer.pieces([i])[0] for i in given]
    assert shown["given"] == 1
    assert shown["own"][0]["written"]["text"] == right[0]
    assert len(shown["own"]) <= len(given)


def test_the_search_goes_on_from_the_text() -> None:
    glass = load_model(TELLER)
    given = glass.task.begin(TEXTS[TELLER]).given
    at = opened("decode/search.py", TELLER)
    beam, choices = components(at)["beam"], components(at)["choices"]
    pieces = glass.task.side.tokenizer.pieces
    assert beam["root"]["text"] == pieces(given)[-1]
    best = [one["text"] for one in beam["start"]]
    probs = glass.trace(TEXTS[TELLER])["head.probs"][-1]
    assert best[0] == pieces([int(probs.argmax())])[0]
    assert len(beam["source"]) == len(beam["attention"]["weights"]) > len(given)
    assert choices["position"] == len(given)
    own = glass.decode(TEXTS[TELLER]).ids[len(given) :]
    greedy = [word["text"] for word in choices["sentences"][0]["words"]]
    assert greedy == [pieces([i])[0] for i in own[: len(greedy)]]
