"""A page as `AppTest` sees it: opened with a link, and what it shows as plain data."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.translators import TRANSLATORS
from tests.ui.code import ROOT
from ui.frame.text import LANGUAGES, section
from ui.parts.modules import inflated
from ui.state.road import PAGES as STOPS
from ui.state.road import WHOLE

EVERY_PAGE = tuple(str(file.relative_to(ROOT / "pages")) for file in sorted((ROOT / "pages").rglob("*.py")))
CREDITS, MODELS = "learn/credits.py", "learn/models.py"
FILLING = "decode/fill.py"  # for a model that fills in words alone
ROAD = tuple(f"road/{page}.py" for page in STOPS)  # for models of their own
WHOLE_ROAD = f"road/{WHOLE}.py"  # beside the reader's model it shows those of all stops
# Those that show a run of a translator.
PAGES = tuple(page for page in EVERY_PAGE if page not in (CREDITS, MODELS, FILLING, WHOLE_ROAD, *ROAD))
ATTENTION = "explore/attention.py"
# What a page does is the same in every language, and what it says comes out of one table: behaviour is tested in one
# language, every model in one of them, in turn, and `test_pages.py` opens every page in each.
ONE_LANGUAGE = ("zh",)
MODELS_IN_TURN = tuple((LANGUAGES[i % len(LANGUAGES)], model) for i, model in enumerate(TRANSLATORS))
BLOCKS = (("encoder", "self_attn"), ("decoder", "self_attn"), ("decoder", "cross_attn"))


def open_page(page: str = ATTENTION, **query: object) -> AppTest:
    """Return a page, opened by a new reader with a link."""
    at = AppTest.from_file(str(ROOT / "ui/main.py"), default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = str(value)
    at.switch_page(f"../pages/{page}").run()
    return sound(at)


def sound(at: AppTest) -> AppTest:
    """Return the page if no exception is on it."""
    assert [f"{error.message}\n{''.join(error.stack_trace)}" for error in at.exception] == []
    return at


def type_source(at: AppTest, text: str) -> AppTest:
    """Type a sentence and press Enter."""
    return sound(at.text_input(key="source").set_value(text).run())


def charts(at: AppTest) -> list[dict[str, Any]]:
    """Return the specs of the charts, as they are sent to the browser."""
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def components(at: AppTest) -> dict[str, dict[str, Any]]:
    """Return the data of our own components, by their name."""
    protos = [component.proto for component in at.get("bidi_component")]
    found = {proto.component_name.removeprefix("glassformer."): inflated(proto.bytes) for proto in protos}
    return {name: {**data, **_words(data.get("words"))} for name, data in found.items()}


def _words(words: Any) -> dict[str, Any]:
    """The words that a message only names, as they stand in the frame."""
    if not isinstance(words, str):
        return {}
    name, _, lang = words.partition(".")
    return {"words": section(name, lang)}


def words(at: AppTest) -> list[list[str]]:
    """Return the lines of words below the bar: the source, what is written, and so on."""
    return [line["words"] for line in components(at)["words"]["lines"]]


def warnings(at: AppTest) -> list[str]:
    """Return the warnings on the page."""
    return [warning.value for warning in at.warning]


def notes(at: AppTest) -> list[str]:
    """Return the notes on the page."""
    return [note.value for note in at.info]
