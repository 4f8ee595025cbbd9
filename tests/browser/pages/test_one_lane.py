"""Models of a single stack in a real Chromium: a map of one lane, and a player without a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from figures.explore.architecture import architecture
from tests.browser.app import OFTEN
from tests.browser.conftest import Visit, visiting
from tests.browser.pixels import expect_pixels
from tests.ui.little_models import KINDS, TEXTS, save_little_models
from transformer_core.models.files import load_model
from ui.frame.text import t

LANES = {"little-filler": "encoder", "little-reader": "encoder", "little-teller": "decoder", "twelve": "decoder"}
FITS = """() => {
  const roots = [...document.querySelectorAll("*")].map((element) => element.shadowRoot).filter(Boolean);
  const map = roots.map((root) => root.querySelector(".map")).find(Boolean);
  return map.scrollWidth - map.clientWidth <= 1;
}"""
OVERLAPS = """(labels) => {
  const box = (label) => {
    const range = document.createRange();
    range.selectNodeContents(label); // a label is higher than its text
    return range.getBoundingClientRect();
  };
  const after = (a, b) => a.left >= b.right - 1 || a.top >= b.bottom - 1;
  const apart = (a, b) => after(a, b) || after(b, a);
  return labels.flatMap((one, i) => labels.filter((other, j) => i < j && !apart(box(one), box(other)))
    .map((other) => [one.textContent, other.textContent]));
}"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the models are."""
    folder = tmp_path_factory.mktemp("models")
    save_little_models(folder)
    return folder


@pytest.fixture(scope="module")
def visit(models: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A visitor of an app that has these models."""
    folder = tmp_path_factory.mktemp("server")
    with visiting(browser, folder, "tests/browser/little_app.py", MODELS_UNDER_TEST=str(models)) as visit:
        yield visit


def opened(visit: Visit, page: str, model: str) -> Page:
    return visit.go(page, lang="en", model=model, source=TEXTS[model])


@pytest.mark.parametrize("model", LANES)
def test_the_map_has_one_lane_whose_every_pixel_is_the_traces(visit: Visit, models: Path, model: str) -> None:
    page, trace = opened(visit, "", model), load_model(models / model).trace(TEXTS[model])
    expect(page.locator(".map .lane")).to_have_count(1)
    read = trace.words_of(trace.plan.word_lists[0].name).texts
    assert page.locator(f".lane.{LANES[model]} .words span").all_text_contents() == list(read)
    assert page.locator(".written b").all_text_contents() == list(trace.written_tokens)
    typed = [word.text for word in trace.writing.written if word.typed]
    assert page.locator(".written b.typed").all_text_contents() == typed
    expect_pixels(page, architecture(trace), more_than=8)  # embedding, one open layer, the others folded, output


@pytest.mark.parametrize("model", LANES)
def test_the_map_fits_and_no_label_covers_another(visit: Visit, model: str) -> None:
    page = opened(visit, "", model)
    assert page.locator(".map").evaluate("(map) => map.scrollWidth - map.clientWidth") <= 1
    assert page.locator(".map .label, .map .fold").evaluate_all(OVERLAPS) == []


def test_many_layers_leave_room_for_a_long_word(visit: Visit) -> None:
    page = opened(visit, "", "twelve")
    last = page.locator(".written b").last
    last.evaluate("(word) => { word.textContent = 'considerably'; }")
    page.wait_for_function(FITS, polling=OFTEN)
    assert page.locator(".map .layer .label:visible").evaluate_all(OVERLAPS) == []


def test_a_layer_of_one_lane_opens_and_another_one_closes(visit: Visit) -> None:
    page = opened(visit, "", "twelve")
    last = KINDS["twelve"][2]["n_decoder_layers"] - 1
    expect(page.locator(f'.map [data-name="decoder.{last}.self_attn.q"]')).to_be_visible()
    page.locator('.map [data-name="decoder.0"]').click()
    expect(page.locator('.map [data-name="decoder.0.self_attn.q"]')).to_be_visible()
    expect(page.locator(f'.map [data-name="decoder.{last}.self_attn.q"]')).to_have_count(0)


def test_the_player_has_no_source_and_sets_the_text_apart(visit: Visit, models: Path) -> None:
    page, glass = opened(visit, "unfold", "little-teller"), load_model(models / "little-teller")
    given = glass.task.begin(TEXTS["little-teller"]).given
    expect(page.locator(".player .row")).to_have_count(1)
    assert page.locator(".chip.typed").all_text_contents() == list(glass.task.side.tokenizer.pieces(given))
    expect(page.locator(".chip.now")).not_to_have_class("typed")
    page.locator(".player [data-name=back]").click()
    expect(page.locator(".says")).to_contain_text(t("player_goes_on.typed", "en").partition("{word}")[2][:20])
    expect(page.locator("button.bar").first).to_be_disabled()
