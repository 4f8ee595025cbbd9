"""What each head matters and the patching walk in a real Chromium: a head by keyboard, the examples, stop, a pair."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app import OFTEN, fold, settle, unfold
from tests.browser.conftest import PATIENCE, Visit, visiting
from ui.frame.text import t

SOURCE = "他每天喝茶。"
LONG = ("我妈妈是老师，" * 9)[:63]  # as long as the model can read


def test_a_head_is_chosen_by_keyboard_and_switched_off(visit: Visit) -> None:
    page = visit.go("what_if", lang="en", source=SOURCE)
    cells = page.locator(".st-key-importance_map .cells")
    expect(cells).to_have_attribute("aria-label", t("importance.title", "en"))
    cells.focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    off = page.get_by_role("button", name=t("importance.switch_off", "en"))
    expect(off).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]importance_head="))
    chosen = visit.query()["importance_head"]
    path, _, number = chosen.rpartition(".")
    off.click()
    visit.expect_query(edits=f"off:{path}:{number}", importance_head=chosen)
    settle(page, PATIENCE)


def test_the_examples_are_computed_and_a_pair_is_typed(visit: Visit) -> None:
    page = visit.go("what_if", lang="zh", source=SOURCE, importance_on="set")
    page.get_by_role("button", name="例句上计算").click()
    expect(page.locator(".st-key-importance_spread .cells")).to_be_visible()
    second = page.get_by_label(t("patching.second", "zh"))
    second.fill("猫")
    second.press("Enter")
    expect(page.get_by_text(t("error.pair_length", "zh", n_first=6, n_second=2))).to_be_visible()
    second.fill("我有一只狗")
    second.press("Enter")
    expect(page.locator(".st-key-patching_source .cells")).to_have_attribute("data-columns", "6")
    page.locator(".st-key-patching_source .cells").focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):  # the first arrow only shows where the keys are
        page.keyboard.press(key)
    as_edit = page.get_by_role("button", name=t("patching.as_edit", "zh"))
    expect(as_edit).to_be_visible()
    visit.expect_query(pair_second="我有一只狗", importance_on="set", pair_cell="encoder.0.out:0")
    as_edit.click()
    unfold(page, "edits_chip")
    expect(page.locator(".chip")).to_have_count(1)
    fold(page)
    expect(page.get_by_role("textbox", name=t("bar.source", "zh"), exact=True)).to_have_value("我有一只狗")
    visit.expect_query(source="我有一只狗", edits="patch:encoder.0.out:0:我有一只猫", pair_cell="encoder.0.out:0")


# As soon as long work shows its progress, press its Stop, and return what the progress says.
_STOP = """(key) => {
  const stop = document.querySelector(`.st-key-${key}_stop button`);
  const said = document.querySelector("[data-testid=stProgress]")?.textContent;
  if (!stop || !said) return false;
  stop.click();
  return said;
}"""


# Whether the address names these edits while the walk still goes on.
_SAID_MEANWHILE = """(edits) => document.querySelector(".st-key-patching_stop")
  && new URLSearchParams(location.search).get("edits") === edits"""


@pytest.fixture(scope="module")
def patient(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A visitor of an app on a slow machine: on a fast one all may be done before the browser draws any of it."""
    with visiting(browser, tmp_path_factory.mktemp("slow"), "tests/browser/slow_app.py") as visit:
        yield visit


def begin_a_long_walk(visit: Visit, **query: str) -> Page:
    """Open the page with a pair as long as a model reads, and return before its walk is over."""
    pair = {"pair_first": LONG, "pair_second": LONG.replace("我", "他", 1)}
    link = visit.server.link("what_if", lang="en", source=SOURCE, **pair, **query)
    visit.page.goto(link, timeout=1000 * PATIENCE)
    return visit.page


def test_the_address_follows_an_edit_and_its_switch_while_long_work_goes_on(patient: Visit) -> None:
    page = begin_a_long_walk(patient)
    page.locator(".st-key-patching_stop").wait_for()
    page.get_by_text(t("experiment.patch", "en"), exact=True).click()
    edit = page.wait_for_function("() => new URLSearchParams(location.search).get('edits')", polling=OFTEN).json_value()
    page.wait_for_function(_SAID_MEANWHILE, arg=edit, polling=OFTEN)
    unfold(page, "edits_chip")
    box = page.locator(".chip input")
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_function(_SAID_MEANWHILE, arg=f"-{edit}", polling=OFTEN)
    expect(page.locator(".chip.off")).to_have_count(1)
    page.wait_for_function(_STOP, arg="patching", polling=OFTEN)
    settle(page, PATIENCE)
    patient.expect_query(edits=f"-{edit}")


def test_long_work_shows_its_progress_is_stopped_and_goes_on(patient: Visit) -> None:
    page = begin_a_long_walk(patient, model="zh-en-prenorm", importance_on="set", pair_quantity="loss")
    bar = page.get_by_test_id("stProgress")
    said = page.wait_for_function(_STOP, arg="patching", polling=OFTEN).json_value()
    assert re.match(r"\d+ of \d+ vectors have been copied", said)
    stopped = page.get_by_text(re.compile(r"^Stopped: the maps below hold the (\d+) of (\d+) vectors"))
    expect(stopped).to_be_visible()
    settle(page, PATIENCE)
    n, whole = (int(found) for found in re.findall(r"\d+", stopped.inner_text())[:2])
    assert 0 < n < whole
    expect(page.locator(".st-key-patching_source .cells")).to_have_attribute("data-columns", "64")
    expect(bar).to_have_count(0)
    page.locator(".st-key-importance_start button").click()
    said = page.wait_for_function(_STOP, arg="importance", polling=OFTEN).json_value()
    assert re.match(r"\d+ of 19 examples are done", said)
    go_on = page.locator(".st-key-importance_start button")
    expect(go_on).to_have_text(re.compile(r"^Go on: \d+ of 19 examples are done$"))
    expect(page.locator(".st-key-importance_map .cells")).to_be_visible()
    expect(stopped).to_be_visible()  # one stop does not undo the other
    page.locator(".st-key-patching_start button").click()
    expect(stopped).to_have_count(0)
    expect(page.locator(".st-key-patching_start")).to_have_count(0)
    settle(page, PATIENCE)
    patient.expect_query(importance_on="set", pair_quantity="loss")
