"""The map and the player as a session sees them: both languages, every model, hard sentences, odd links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from figures.decode.unfold import unfold
from figures.decode.unfold_wire import packed
from figures.explore.architecture import architecture
from tests.core.tiny import make_config, make_model
from tests.spelled import word_of
from tests.ui.opened import ATTENTION, MODELS_IN_TURN, components, notes, open_page, sound, type_source, warnings
from transformer_core.models.files import bundled_models, load_model
from transformer_core.models.glass import Glass
from ui.frame.text import LANGUAGES, SEPARATOR, escape, section, t
from ui.frame.wording import fitting
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace, model_title

MAP, PLAYER = "explore/architecture.py", "decode/unfold.py"
COMPONENTS = {MAP: "map", PLAYER: "player"}
CHINESE = "我有一只猫"
ENGLISH = "I have two small dogs."


def steps(at: AppTest) -> dict[str, object]:
    """Return what the player got, less its words and where it begins."""
    return {
        name: value for name, value in components(at)["player"].items() if name not in ("words", "mode", "step", "run")
    }


def wanted(source: str, target: str, layer: int, head: int | None, model: str = DEFAULT_MODEL) -> dict[str, object]:
    told = unfold(get_trace(Asked(model, source, target)), layer, head, word_of(get_model(model)))
    lists = [words.name for words in get_model(model).plan.word_lists]
    return {name: value for name, value in packed(told, None).items() if name != "run"} | {"lists": lists}


@pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
def test_the_map_shows_the_models_own_numbers(lang: str, model: str) -> None:
    source = examples(model)[0]
    at = open_page(MAP, lang=lang, model=model, source=source)
    trace = get_trace(Asked(model, source, ""))
    found = components(at)["map"]
    front = {name: t(f"front.{name}", lang) for name in ("what", "how")}
    assert found == {**architecture(trace), "words": fitting("map", model, lang, terms=True) | front, "mode": "light"}
    config = get_model(model).config
    facts = [str(fact) for fact in (config.d_model, config.d_ff, config.n_heads)]
    assert any(all(fact in text.proto.help for fact in facts) for text in at.caption)
    assert components(at)["address"]["page"] == "architecture"


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
def test_the_player_shows_the_last_layers_mean(lang: str, model: str) -> None:
    source = examples(model)[0]
    at = open_page(PLAYER, lang=lang, model=model, source=source)
    last = get_model(model).config.n_decoder_layers - 1
    assert steps(at) == wanted(source, "", last, None, model)
    assert components(at)["player"]["words"] == section("player", lang, terms=True)
    assert components(at)["player"]["step"] == 0


@pytest.mark.slow
def test_a_layer_and_a_head_are_chosen() -> None:
    at = open_page(PLAYER, source=CHINESE, target=ENGLISH, lang="en")
    sound(at.button_group(key="choose.heads").set_value("1").run())
    assert steps(at) == wanted(CHINESE, ENGLISH, 2, 1)
    sound(at.button_group(key="choose.layer").set_value(0).run())
    assert steps(at) == wanted(CHINESE, ENGLISH, 0, 1)
    assert {"layer": "0", "head": "1", "average": "0"}.items() <= components(at)["address"]["query"].items()
    sound(at.button_group(key="choose.heads").set_value("mean").run())
    assert steps(at) == wanted(CHINESE, ENGLISH, 0, None)


@pytest.mark.slow
def test_a_head_chosen_on_another_page_is_the_players() -> None:
    at = open_page(PLAYER, source=CHINESE, target=ENGLISH, average=0, head=1, lang="en")
    assert steps(at) == wanted(CHINESE, ENGLISH, 2, 1)
    choose_head_elsewhere(at, 3)
    assert at.button_group(key="choose.heads").value == "3"
    assert steps(at) == wanted(CHINESE, ENGLISH, 2, 3)
    assert {"head": "3", "average": "0"}.items() <= components(at)["address"]["query"].items()
    sound(at.button_group(key="choose.heads").set_value("0").run())
    assert steps(at) == wanted(CHINESE, ENGLISH, 2, 0)


@pytest.mark.slow
def test_the_mean_stays_when_a_head_is_chosen_on_another_page() -> None:
    at = open_page(PLAYER, source=CHINESE, target=ENGLISH, head=1, lang="en")
    choose_head_elsewhere(at, 3)
    assert at.button_group(key="choose.heads").value == "mean"
    assert steps(at) == wanted(CHINESE, ENGLISH, 2, None)
    assert {"head": "3", "average": "1"}.items() <= components(at)["address"]["query"].items()


def choose_head_elsewhere(at: AppTest, head: int) -> None:
    """Choose a head on the page of one head, and come back."""
    sound(at.switch_page(f"../pages/{ATTENTION}").run())
    sound(at.button_group(key="choose.head").set_value(head).run())
    sound(at.switch_page(f"../pages/{PLAYER}").run())


@pytest.mark.slow
def test_a_link_names_layer_head_and_step() -> None:
    at = open_page(PLAYER, source=CHINESE, target=ENGLISH, layer=1, head=3, average=0, step=3, lang="en")
    assert (warnings(at), notes(at)) == ([], [])
    assert steps(at) == wanted(CHINESE, ENGLISH, 1, 3)
    assert components(at)["player"]["step"] == 3
    assert "step" not in components(at)["address"]["query"]  # the player writes it itself


@pytest.mark.slow
@pytest.mark.parametrize("step", ["99", "1000000", "abc", "-1", "1.5", "", "<b>3</b>"])
def test_a_step_that_makes_no_sense_is_said_and_replaced(step: str) -> None:
    at = open_page(PLAYER, source=CHINESE, target=ENGLISH, step=step, lang="en")
    last = len(get_trace(Asked(DEFAULT_MODEL, CHINESE, ENGLISH)).written_ids) - 1
    assert warnings(at) == []
    assert len(notes(at)) == 1
    assert "step = " in notes(at)[0]
    assert components(at)["player"]["step"] == (last if step == "99" else 0)
    sound(at.button_group(key="choose.layer").set_value(0).run())
    assert notes(at) == []


@pytest.mark.slow
def test_the_last_step_is_no_bad_link_and_the_one_behind_it_is() -> None:
    last = len(get_trace(Asked(DEFAULT_MODEL, CHINESE, ENGLISH)).written_ids) - 1
    for step, n_notes in ((last, 0), (last + 1, 1)):
        at = open_page(PLAYER, source=CHINESE, target=ENGLISH, step=step, lang="en")
        assert components(at)["player"]["step"] == last
        assert len(notes(at)) == n_notes


@pytest.mark.slow
def test_the_links_step_is_its_own_sentences() -> None:
    at = open_page(PLAYER, source=CHINESE, target=ENGLISH, step=3, lang="en")
    type_source(at, "他每天喝茶。")
    assert components(at)["player"]["step"] == 0
    assert notes(at) == []
    at = open_page(PLAYER, source=CHINESE, step=3, lang="en")
    sound(at.text_input(key="target").set_value("I").run())
    assert components(at)["player"]["step"] == 0
    assert notes(at) == []


@pytest.mark.slow
@pytest.mark.parametrize(("page", "lang"), [*zip((MAP, PLAYER), LANGUAGES, strict=True)])
def test_a_sentence_that_cannot_be_traced_is_said_and_the_next_one_drawn(page: str, lang: str) -> None:
    at = open_page(page, source="  ", lang=lang)
    assert warnings(at) == [t("error.empty_text", lang)]
    assert COMPONENTS[page] not in components(at)
    type_source(at, "猫" * 64)
    assert warnings(at) == [t("error.text_too_long", lang, n_tokens=64, limit=63)]
    assert COMPONENTS[page] not in components(at)
    type_source(at, CHINESE)
    assert warnings(at) == []
    assert COMPONENTS[page] in components(at)


@pytest.fixture
def no_decoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The default model's name stands for a model that has no decoder."""
    tokenizer = get_model(DEFAULT_MODEL).source_tokenizer
    assert tokenizer is not None
    glass = Glass(DEFAULT_MODEL, make_model(make_config("encoder-only")), tokenizer, None)

    def load(name: str, **more: Any) -> Glass:
        return glass if name == DEFAULT_MODEL else load_model(name, **more)

    monkeypatch.setattr("ui.state.models.load_model", load)
    get_model.cache_clear()
    yield
    get_model.cache_clear()


@pytest.mark.slow
@pytest.mark.usefixtures("no_decoder")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_model_that_does_not_write_is_told_and_the_next_one_drawn(lang: str) -> None:
    at = open_page(PLAYER, model=DEFAULT_MODEL, source=CHINESE, lang=lang)
    assert get_model(DEFAULT_MODEL).config.architecture == "encoder-only"
    others = [name for name in bundled_models() if name not in (DEFAULT_MODEL, "words-en")]
    able = escape(SEPARATOR.join(f"“{model_title(name, lang)}”" for name in others))
    assert notes(at) == [t("page_needs.writes", lang, model=escape(model_title(DEFAULT_MODEL, lang)), able=able)]
    assert set(components(at)) == {"address", "path", "present", "terms"}
    assert components(at)["address"]["page"] == "unfold"
    sound(at.selectbox(key="model").set_value(others[0]).run())
    assert notes(at) == []
    assert COMPONENTS[PLAYER] in components(at)


@pytest.mark.slow
@pytest.mark.parametrize("page", [MAP, PLAYER])
def test_the_longest_sentences_are_drawn(page: str) -> None:
    glass = get_model(DEFAULT_MODEL)
    target = " ".join(["cat"] * 63)
    assert len(glass.target_ids(target)) == 64
    at = open_page(page, source="猫" * 63, target=target, lang="en")
    assert (warnings(at), notes(at)) == ([], [])
    found = components(at)[COMPONENTS[page]]
    read = found["lanes"]["encoder"]["words"] if page == MAP else found["source"]
    assert (len(read), len(found["written"])) == (64, 64)


@pytest.mark.slow
@pytest.mark.parametrize("page", [MAP, PLAYER])
def test_a_change_of_language_changes_the_words_only(page: str) -> None:
    at = open_page(page, source=CHINESE, lang="en")
    name = COMPONENTS[page]
    before = components(at)[name]
    sound(at.button_group(key="lang").set_value("zh").run())
    front = {part: t(f"front.{part}", "zh") for part in ("what", "how")} if page == MAP else {}
    assert components(at)[name] == {**before, "words": section(name, "zh", terms=True) | front}
