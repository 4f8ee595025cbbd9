"""What a page offers to take home: everything, in the reader's language, made only when somebody asks for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.opened import MODELS_IN_TURN, ONE_LANGUAGE, components, open_page, sound
from ui.frame.text import t
from ui.state.examples import examples
from ui.state.models import Asked, get_trace
from ui.take_home import export

CHINESE = "我有一只猫"
PAGES = ("embedding", "attention", "layer", "output")
STOPS = {"embedding": "pos", "attention": "q", "layer": "ln1", "output": "logits"}


def opened(page: str, **query: object) -> AppTest:
    """A page whose reader has clicked the button."""
    at = open_page(f"explore/{page}.py", **{"lang": "en", "source": CHINESE, **query})
    at.session_state[f"{page}.export"] = True
    return sound(at.run())


@pytest.mark.parametrize("page", PAGES)
def test_a_closed_button_makes_nothing(page: str) -> None:
    at = open_page(f"explore/{page}.py", lang="en", source=CHINESE)
    labels = [box.proto.popover.label for box in at.get("popover")]
    assert labels.count(t("export.open", "en")) == 1
    assert at.get("download_button") == []
    assert len(at.code) == 0
    assert "pictures" not in components(at)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
@pytest.mark.parametrize("page", PAGES)
def test_an_open_one_offers_everything_in_the_readers_language(page: str, lang: str) -> None:
    at = opened(page, lang=lang)
    labels = [button.label for button in at.get("download_button")]
    assert labels == [t(f"export.{kind}", lang) for kind in ("csv", "npz", "trace", "report")]
    found = components(at)["pictures"]
    assert found["words"]["png"] == t("pictures.png", lang)
    assert found["chart"] == "st-key-map0"
    assert found["place"].endswith(" · zh-en")
    assert len(at.code) == 1


@pytest.mark.slow
def test_one_of_several_maps_is_chosen() -> None:
    at = opened("attention", stage="q", layer=1, head=2)
    choice = at.button_group(key="export.q")
    sound(choice.set_value(2).run())
    assert components(at)["pictures"]["chart"] == "st-key-map2"
    assert components(at)["pictures"]["name"] == "glassformer-zh-en-decoder.1.cross_attn.v-head2"
    assert "'decoder.1.cross_attn.v'" in at.code[0].value


@pytest.mark.slow
def test_the_chosen_cell_is_the_snippets() -> None:
    at = opened("attention", stage="weights", layer=2, head=3, cell="1,2")
    assert "cell = (3, 1, 2)" in at.code[0].value
    at = opened("attention", stage="heads", layer=2, head=1, cell="1,2")
    picture = components(at)["pictures"]
    assert (picture["chart"], picture["part"]) == ("st-key-map0", "1")  # the second of several in one component
    assert "cell = (1, 1, 2)" in at.code[0].value
    at = opened("attention", site="decoder.2.cross_attn.W_Q", cell="3,190")
    assert "cell = (3, 190)" in at.code[0].value
    assert "'decoder.2.cross_attn.W_Q'" in at.code[0].value


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The reports that pages offer: each is made at once, because no one clicks here."""
    made: list[bytes] = []

    def download(page: str, kind: str, name: str, lang: str, make: Any, **facts: object) -> None:
        if kind == "report":
            made.append(make())

    monkeypatch.setattr(export, "download", download)
    return made


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
def test_every_page_has_a_report(model: str, lang: str, reports: list[bytes]) -> None:
    source = examples(model)[0]
    trace = get_trace(Asked(model, source, ""))
    for page in PAGES:
        opened(page, model=model, lang=lang, source=source, stage=STOPS[page])
        html = reports.pop().decode()
        title = " · ".join((t("title", lang), t(f"page.{page}", lang), t(f"stop.{STOPS[page]}", lang)))
        assert f"<title>{title}</title>" in html
        assert f'<html lang="{lang}">' in html
        assert all(f">{word}</bdi>" in html for word in trace.source_tokens if word.isalnum())
        assert f"({model})" in html
        assert html.count('class="explain"') == 1
        n_maps = 3 if page == "attention" else html.count('class="plotly-graph-div"')
        assert html.count("<section>") == html.count("load_model(") == n_maps


@pytest.mark.slow
def test_what_was_typed_is_text_in_the_report(reports: list[bytes]) -> None:
    evil = "<script>alert(1)</script>"
    opened("attention", source=evil, target=evil)
    html = reports.pop().decode()
    assert re.findall(r"<script[^>]*>\s*alert", html) == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.slow
def test_the_report_of_all_heads_explains_the_chosen_one(reports: list[bytes]) -> None:
    opened("attention", stage="heads", head=2, layer=2, cell="1,2")
    sections = reports.pop().decode().split("<section>")[1:]
    assert [('class="explain"' in part, f"cell = ({n}, 1, 2)" in part) for n, part in enumerate(sections)] == [
        (n == 2, True) for n in range(4)
    ]


@pytest.mark.slow
def test_a_parameter_has_a_report(reports: list[bytes]) -> None:
    opened("attention", site="decoder.2.cross_attn.W_Q", cell="3,190")
    html = reports.pop().decode()
    assert "decoder.2.cross_attn.W_Q[3,190]" in html
    assert "trace.parameters[key]" in html


@pytest.mark.slow
def test_the_longest_sentences_have_a_report(reports: list[bytes]) -> None:
    opened("output", source="猫" * 63, target=" ".join(["cat"] * 63))
    assert 4e6 < len(reports.pop()) < 9e6
