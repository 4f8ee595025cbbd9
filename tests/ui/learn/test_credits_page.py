"""The page of credits says what NOTICE says, in both languages, whatever the session looks at."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.ui.code import ROOT
from tests.ui.opened import ATTENTION, CREDITS, components, notes, open_page, sound, warnings
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.models.files import bundled_models
from ui.frame.text import LANGUAGES, escape, section, t
from ui.learn.credits import AUTHORS, COLUMNS, sections

LIBRARIES = {"torch": "PyTorch", "numpy": "NumPy", "plotly": "Plotly"}  # where NOTICE spells a package in its own way


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_shows_all_of_notice(lang: str) -> None:
    at = open_page(CREDITS, lang=lang)
    assert (warnings(at), notes(at), at.error.len) == ([], [], 0)
    shown = "\n".join(text.value for text in at.markdown)
    for name, lines in sections().items():
        assert t(f"credits_title.{name}", lang) in shown
        cells = [cell for line in lines for cell in line.split(" | ")[:3]]
        assert all(escape(cell) in shown for cell in (cells if name != AUTHORS else lines))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_what_is_kept_as_the_document_does(lang: str) -> None:
    lines = list(section("privacy_lines", lang).values())
    document = ROOT / "docs" / ("privacy.md" if lang == "en" else f"privacy.{lang}.md")
    assert re.findall(r"^\d+\. (.*)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE) == lines
    assert len(lines) == 10
    shown = [text.value for text in open_page(CREDITS, lang=lang).markdown]
    assert any(all(line in text for line in lines) for text in shown)


def test_what_was_chosen_is_kept_and_no_bar_is_drawn() -> None:
    at = open_page(source="我有一只猫", layer=0, head=1, lang="en")
    sound(at.switch_page(f"../pages/{CREDITS}").run())
    assert len(at.text_input) == 0
    assert components(at)["address"]["page"] == "credits"
    sound(at.switch_page(f"../pages/{ATTENTION}").run())
    assert at.text_input(key="source").value == "我有一只猫"
    query = components(at)["address"]["query"]
    assert (query["layer"], query["head"]) == ("0", "1")


def test_every_line_of_notice_is_whole_and_every_section_has_words() -> None:
    for name, lines in sections().items():
        assert lines, name
        for line in lines if name != AUTHORS else ():
            *_, licence, where = line.split(" | ")
            assert len(line.split(" | ")) == len(COLUMNS) + 1, line
            assert licence
            assert where.startswith("https://")
    assert len(" ".join(sections()[AUTHORS]).split(" · ")) > 300


def test_what_the_cards_name_is_credited() -> None:
    data = "\n".join(sections()["data"])
    for model in bundled_models():
        card = (BUNDLED / model / "card.md").read_text(encoding="utf-8")
        for name in ("Tatoeba", "TinyStories", "African Storybook", "StoryWeaver", "Project Gutenberg", "Aesop"):
            assert name not in card or name in data, (model, name)
        for licence in re.findall(r"CC BY [\d.]+(?: FR)?|CDLA-[\w.-]+", card):
            assert licence in data, (model, licence)


def test_every_library_of_the_app_is_credited() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines += [*project["dependencies"], *project["optional-dependencies"]["train"]]
    packages = {re.split(r"[=<>]", line)[0] for line in lines if not line.startswith("#")}
    told = "\n".join(sections()["libraries"])
    assert [name for name in packages if LIBRARIES.get(name, name).lower() not in told.lower()] == []
