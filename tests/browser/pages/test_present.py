"""The mode for a projector, and the link for others, in a real Chromium."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from figures.base.qr import LONGEST, qr_code
from tests.browser.app import OFTEN, settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.looks import IN_A_ROOM, flaws
from ui.frame.share import address_for_others
from ui.frame.text import t

SOURCE = "汤姆昨天买了一本书。"
PRESENTING = "() => document.documentElement.hasAttribute('data-present')"


def present(page: Page) -> None:
    page.wait_for_function(PRESENTING, polling=OFTEN)


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1280, "height": 720}}], indirect=True)
def test_p_begins_and_ends_it_and_the_link_keeps_it(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="scores_raw")
    page.keyboard.press("p")
    present(page)
    visit.expect_query(present="1")
    for hidden in ("header", ".st-key-model", ".st-key-language", ".st-key-path"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".st-key-words .word").first).to_be_in_viewport()
    page.reload()
    settle(page, PATIENCE)
    present(page)
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => !({PRESENTING})()", polling=OFTEN)
    page.wait_for_function("() => !location.search.includes('present')", polling=OFTEN)
    page.get_by_label(t("bar.source", "en")).focus()
    page.keyboard.press("p")  # typed, and no command
    assert page.evaluate(PRESENTING) is False


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1280, "height": 720}}], indirect=True)
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("attention", {"stage": "scores_raw"}),
        ("attention", {"stage": "weights", "look": "lines"}),
        ("unfold", {"step": 3}),
        ("output", {"stage": "layers"}),
    ],
)
def test_nothing_is_too_small_at_the_back_of_the_room(visit: Visit, path: str, query: dict[str, str]) -> None:
    """At stops that `test_first_screen.py` does not come by."""
    page = visit.go(path, lang="en", source=SOURCE, present=1, **query)
    present(page)
    page.wait_for_timeout(600)  # what is drawn anew for the larger letters is drawn
    assert flaws(page, IN_A_ROOM) == []
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


def test_a_remote_control_steps_and_goes_on_to_the_next_page(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="head_out", present=1)
    present(page)
    page.keyboard.press("PageDown")
    visit.expect_query(stage="out", present="1")
    settle(page, PATIENCE)
    page.keyboard.press("PageUp")
    visit.expect_query(stage="head_out")
    settle(page, PATIENCE)
    page.keyboard.press("ArrowRight")
    visit.expect_query(stage="out")
    settle(page, PATIENCE)
    page.keyboard.press("PageDown")  # there is no further stop
    page.wait_for_url(lambda url: "/attention" not in urlsplit(url).path, timeout=PATIENCE * 1000)
    settle(page, PATIENCE)
    visit.expect_query(present="1")


def test_d_turns_the_light_off_and_on(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="weights", present=1)
    present(page)
    light = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    before = page.evaluate(light)
    for wanted in (False, True):
        page.keyboard.press("d")
        page.wait_for_function(
            f"(before) => ({light})() {'===' if wanted else '!=='} before", arg=before, polling=OFTEN
        )
        settle(page, PATIENCE)
        present(page)
        visit.expect_query(stage="weights", present="1")


def test_the_link_is_there_as_text_and_as_a_code(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="weights", layer=2, head=1)
    visit.expect_query(stage="weights")
    page.locator(".st-key-share").get_by_role("button", name=t("present.share", "en"), exact=True).click()
    field = page.get_by_label(t("present.link", "en"), exact=True)
    link = field.input_value()
    assert {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}["head"] == "1"
    assert field.evaluate("(field) => field.selectionEnd - field.selectionStart") == len(link)
    # The server of these tests listens to this machine only, and says so.
    expect(page.get_by_text(t("present.local", "en"))).to_be_visible()
    code = page.locator(".st-key-share svg.code")
    expect(code).to_have_count(1)
    found = qr_code(link)
    assert found is not None
    modules = np.unpackbits(np.frombuffer(base64.b64decode(found["bits"]), np.uint8))[: found["size"] ** 2]
    assert str(code.locator("path").get_attribute("d")).count("M") == modules.sum()
    page.get_by_role("button", name=t("present.close", "en"), exact=True).click()
    expect(field).to_have_count(1)
    expect(field).to_be_hidden()


def test_in_place_of_this_machine_the_link_names_it_in_its_network(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE)
    address = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"
                            ".find((name) => name.endsWith('/present/present.js'))")  # fmt: skip
    body = (
        "async ([module, links]) => { const m = await import(module); return links.map((link) => m.linkFor(...link)); }"
    )
    links = [
        ["http://localhost:8501/attention?a=1&present=1", "192.168.1.5"],
        ["http://127.0.0.1:8501/x", "fe80::1"],
        ["http://localhost:8501/x", ""],
        ["https://glass.example/x?b=2", "192.168.1.5"],
    ]
    assert page.evaluate(body, [address, links]) == [
        "http://192.168.1.5:8501/attention?a=1",
        "http://[fe80::1]:8501/x",
        "http://localhost:8501/x",
        "https://glass.example/x?b=2",
    ]


def test_who_listens_to_whom() -> None:
    assert address_for_others("127.0.0.1") == address_for_others("localhost") == ""
    assert address_for_others("10.0.0.7") == "10.0.0.7"
    assert re.fullmatch(r"|[\d.]+|[\da-f:]+", address_for_others(""))


def test_a_code_has_its_three_corners_and_a_link_that_is_too_long_has_none() -> None:
    found = qr_code("http://192.168.1.5:8501/attention?lang=en")
    assert found is not None
    bits = np.unpackbits(np.frombuffer(base64.b64decode(found["bits"]), np.uint8))[: found["size"] ** 2]
    modules = bits.reshape(found["size"], -1)
    corner = np.array([[1] * 7, [1, 0, 0, 0, 0, 0, 1], *[[1, 0, 1, 1, 1, 0, 1]] * 3, [1, 0, 0, 0, 0, 0, 1], [1] * 7])
    for part in (modules[:7, :7], modules[:7, -7:], modules[-7:, :7]):
        assert (part == corner).all()
    assert qr_code("http://x/" + "a" * LONGEST) is None
