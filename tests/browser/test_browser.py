"""The app in a real Chromium: links, language, typing, stepping, themes, a phone; no network, no complaints."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from figures.base.theme import theme
from tests.browser.app import fold, settle, unfold
from tests.browser.conftest import DEEP_LINK, PATIENCE, Visit
from ui.frame.text import t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, get_model

CHINESE = "我有一只猫"
STAGES = ("q", "scores_raw", "scores_scaled", "mask", "scores", "weights", "heads", "z", "head_out", "out")
HOME = "architecture"  # Streamlit knows the first page by no other address than /
DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True}


def field(page: Page, name: str, lang: str = "en") -> Locator:
    return page.locator(f'input[aria-label="{t(name, lang)}"]')


def chosen(page: Page, name: str, lang: str = "en") -> Locator:
    return page.get_by_role("radiogroup", name=t(name, lang)).get_by_role("radio", checked=True)


def choose(page: Page, name: str, option: str, lang: str = "en") -> None:
    page.get_by_role("radiogroup", name=t(name, lang)).get_by_role("radio", name=option, exact=True).click()


def line(page: Page, side: str) -> Locator:
    """The chips of the first line of a side, in the words component's shadow root."""
    return page.locator(".line", has=page.locator(f".word.{side}")).first.locator(".word")


def stage(page: Page) -> Locator:
    return page.locator(".road [aria-current=step]")


def pieces(text: str, side: str = "source") -> list[str]:
    """What the chips of a sentence say."""
    tokenizer = getattr(get_model(DEFAULT_MODEL), f"{side}_tokenizer")
    return [*tokenizer.pieces(tokenizer.encode(text)), "</s>"]


def type_into(page: Page, name: str, text: str, lang: str = "en") -> None:
    field(page, name, lang).fill(text)
    field(page, name, lang).press("Enter")


def expect_stage(visit: Visit, name: str, lang: str = "en") -> None:
    """The road, the heading and the address are all at the stop."""
    expect(stage(visit.page)).to_have_text(t(f"stop.{name}", lang))
    expect(visit.page.get_by_role("heading", name=t(f"value_name.{name}", lang))).to_be_visible()
    expect(visit.page).to_have_url(re.compile(rf"[?&]stage={name}(&|$)"))


def expect_deep_link(visit: Visit) -> None:
    page, lang = visit.page, DEEP_LINK["lang"]
    expect(field(page, "bar.model", lang)).to_have_value(t(f"model.{DEEP_LINK['model']}", lang))
    expect(field(page, "bar.source", lang)).to_have_value(DEEP_LINK["source"])
    unfold(page, "own_translation")
    expect(field(page, "bar.target", lang)).to_have_value(DEEP_LINK["target"])
    fold(page)
    expect(chosen(page, "language.label", lang)).to_have_text(t("language.zh", lang))
    unfold(page, "choosers")
    expect(chosen(page, "choose.attention", lang)).to_have_text(t("choose.decoder_self_attn", lang))
    expect(chosen(page, "choose.layer", lang)).to_have_text(t("choose.layer_n", lang, n=0))
    fold(page)
    expect(chosen(page, "choose.head", lang)).to_have_text(t("choose.head_n", lang, n=0))
    for name, number in zip(("row", "column"), DEEP_LINK["cell"].split(","), strict=True):
        expect(page.get_by_label(t(f"explain_words.{name}", lang), exact=True)).to_have_value(number)
    expect_stage(visit, DEEP_LINK["stage"], lang)
    expect(page.locator("[class*=st-key-map] .cells")).to_have_count(1)
    expect(page).to_have_title(re.compile(t("page.attention", lang)))
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    visit.expect_query(**DEEP_LINK)


def test_a_deep_link_is_right_as_the_first_request_of_a_fresh_server(first: Visit) -> None:
    expect_deep_link(first)
    assert first.errors == []
    assert first.strangers == []


def test_who_asks_a_stranger_is_found_out(visits: Callable[..., Visit], first: Visit) -> None:
    visit = visits(fresh=True)
    page = visit.go(lang="en", source=CHINESE)
    with page.expect_event("requestfailed", lambda _: len(visit.strangers) == 2):
        page.evaluate("['https://example.com/a.png', 'http://192.0.2.1/b.png'].map((at) => (new Image().src = at))")
    assert set(visit.strangers) == {"https://example.com/a.png", "http://192.0.2.1/b.png"}
    page.close()


def test_the_same_link_is_right_in_another_browser(visit: Visit, first: Visit) -> None:
    visit.page.goto(first.page.url, timeout=PATIENCE * 1000)
    settle(visit.page, PATIENCE)
    expect_deep_link(visit)


def test_stages_step_by_click_and_by_arrow_keys_and_the_address_follows(visit: Visit) -> None:
    page = visit.go(source=CHINESE, lang="en", stage="q")
    expect_stage(visit, "q")
    before = page.evaluate("history.length")
    stepper = page.locator(".st-key-attention-stage")
    back, forward = (stepper.get_by_role("button", name=t(f"stage.{way}", "en")) for way in ("back", "next"))
    expect(back).to_be_disabled()
    expect(page.locator("[class*=st-key-map] .cells")).to_have_count(3)
    forward.click()
    expect_stage(visit, STAGES[1])
    expect(page.locator("[class*=st-key-map] .cells")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect_stage(visit, STAGES[2])
    page.keyboard.press("ArrowLeft")
    expect_stage(visit, STAGES[1])
    back.click()
    expect_stage(visit, "q")
    page.locator(".road").get_by_role("button", name=t("stop.out", "en"), exact=True).click()
    expect(stage(page)).to_have_text(t("stop.out", "en"))
    expect(forward).to_be_disabled()
    assert page.evaluate("history.length") == before


def test_arrow_keys_do_nothing_while_the_sentence_has_the_focus(visit: Visit) -> None:
    page = visit.go(source=CHINESE, lang="en", stage="scores")
    source = field(page, "bar.source")
    page.locator(".st-key-words .strip").click()
    expect(source).to_be_focused()
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        source.press(key)
    page.wait_for_timeout(500)  # for what must not happen
    expect_stage(visit, "scores")
    expect(source).to_be_focused()
    page.get_by_role("heading", name=t("value_name.scores", "en")).click()
    page.keyboard.press("ArrowRight")
    expect_stage(visit, "weights")


def test_a_typed_sentence_is_translated_and_another_language_keeps_it(visit: Visit) -> None:
    page = visit.go(lang="en", model=DEFAULT_MODEL)
    type_into(page, "bar.source", CHINESE)
    expect(line(page, "source")).to_have_text([*CHINESE, "</s>"])
    expect(line(page, "target")).to_have_text(list(get_model(DEFAULT_MODEL).translate(CHINESE).tokens))
    expect(page).to_have_url(re.compile("source=%E6%88%91"))
    unfold(page, "choosers")
    choose(page, "choose.layer", t("choose.layer_n", "en", n=0))
    expect(page).to_have_url(re.compile("layer=0"))
    fold(page)
    choose(page, "language.label", t("language.zh", "en"))
    expect(field(page, "bar.source", "zh")).to_have_value(CHINESE)
    unfold(page, "choosers")
    expect(chosen(page, "choose.layer", "zh")).to_have_text(t("choose.layer_n", "zh", n=0))
    fold(page)
    expect_stage(visit, "q", "zh")
    expect(page).to_have_url(re.compile("lang=zh"))
    visit.expect_query(source=CHINESE)


def test_an_example_is_picked(visit: Visit) -> None:
    page = visit.go(lang="en", source=CHINESE)
    example = examples(DEFAULT_MODEL)[4]
    page.get_by_role("button", name=t("bar.examples", "en")).click()
    page.get_by_text(example, exact=True).click()
    expect(field(page, "bar.source")).to_have_value(example)
    expect(page).to_have_url(re.compile("source="))
    expect(line(page, "source")).to_have_text(pieces(example))
    visit.expect_query(source=example)


def test_what_looks_like_a_program_is_text(visit: Visit) -> None:
    page = visit.go(lang="en", source=CHINESE)
    text = "<script>hacked=1</script><img src=x onerror=hacked=1>"
    type_into(page, "bar.source", text)
    expect(line(page, "source")).to_have_text(pieces(text))
    unfold(page, "own_translation")
    type_into(page, "bar.target", f"{text} $x$")
    expect(line(page, "target")).to_have_text(pieces(f"{text} $x$", "target"))
    expect(page.locator(".st-key-map0 [data-row]").first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0
    visit.expect_query(source=text)


def test_no_sentence_gets_a_plain_message_and_is_followed_by_the_next(visit: Visit) -> None:
    page = visit.go(lang="en", source="")
    expect(page.get_by_text(t("error.empty_text", "en"))).to_be_visible()
    expect(page.locator(".st-key-source")).to_have_css("opacity", "1")  # there are no words to click instead
    field(page, "bar.source").click(trial=True)
    limit = get_model(DEFAULT_MODEL).config.max_length - 1
    for n in (200, 30_000):
        type_into(page, "bar.source", "猫" * n)
        expect(page.get_by_text(t("error.text_too_long", "en", n_tokens=n, limit=limit))).to_be_visible()
        expect(field(page, "bar.source")).to_have_value("猫" * n)
    page.wait_for_function("() => !new URLSearchParams(location.search).has('source')")
    assert page.request.get(page.url).ok  # an address of 270 kB no server would load again
    expect(page.get_by_text(t("bar.notes", "en", n=1))).to_be_visible()
    type_into(page, "bar.source", CHINESE)
    expect(line(page, "source")).to_have_text([*CHINESE, "</s>"])
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nonsense_in_a_link_is_said_until_the_next_choice(visit: Visit) -> None:
    page = visit.go(lang="en", source=CHINESE, head="<b>9</b>", cell="99,99")
    page.wait_for_timeout(1000)  # that no second run takes it away
    for name, value in (("head", "<b>9</b>"), ("cell", "99,99")):
        expect(page.get_by_text(f"{name} = {value}")).to_be_visible()
    expect(chosen(page, "choose.head")).to_have_text(t("choose.head_n", "en", n=0))
    choose(page, "choose.head", "1")
    expect(page).to_have_url(re.compile("head=1"))
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("visit", [{}, DARK], indirect=True, ids=["light", "dark"])
def test_the_colours_are_those_of_the_theme(visit: Visit, request: pytest.FixtureRequest) -> None:
    page = visit.go(lang="en", source=CHINESE)
    dark = "dark" in request.node.callspec.id
    colours = theme("dark" if dark else "light")
    assert rgb(page.locator("[data-testid=stApp]"), "backgroundColor") == colours.background
    assert rgb(line(page, "source").first, "color") == colours.source
    assert rgb(line(page, "target").first, "color") == colours.target
    assert rgb(stage(page), "backgroundColor") == colours.positive
    expect(page.locator(".gf.dark")).to_have_count(page.locator(".gf").count() if dark else 0)


@pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["phone"])
def test_on_a_phone_the_menu_leads_from_page_to_page(visit: Visit) -> None:
    page = visit.go(lang="en", source=examples(DEFAULT_MODEL)[1])
    for name in ("unfold", HOME, "attention"):
        if page.get_by_test_id("stExpandSidebarButton").is_visible():
            page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_test_id("stSidebarNavLink").filter(has_text=t(f"page.{name}", "en")).click()
        page.wait_for_url(re.compile(r"/\?" if name == HOME else rf"/{name}\?"))
        settle(page, PATIENCE)
    expect(page.locator(".st-key-map0 [data-row]").first).to_be_visible()


def rgb(locator: Locator, name: str) -> str:
    """A computed colour as #RRGGBB."""
    value = locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    numbers = [int(number) for number in re.findall(r"\d+", value)[:3]]
    return "#" + "".join(f"{number:02X}" for number in numbers)
