"""The front door: what a first reader meets, the path of seven stops, and the terms that explain themselves."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit, visiting
from ui.frame.path import PATH
from ui.frame.text import t
from ui.state.models import GREETING

SOURCE = "Our teacher is very kind ."
MODEL = GREETING["en"]
BOX = ".gf-term-box"
# Every dotted term in the order in which it stands on the page, and whether it has stood before.
_TERMS = """() => {
  const all = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const term = element.matches("a[href^='glossary#']") && element.checkVisibility();
      if (term) all.push([element.getAttribute("href"), element.hasAttribute("data-again")]);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  return all;
}"""


def strip(page: Page) -> Locator:
    return page.locator(".st-key-path nav")


def stops(page: Page) -> Locator:
    return strip(page).locator("ol a")


def here(page: Page) -> Locator:
    return strip(page).locator("[aria-current=step] b")


@pytest.mark.parametrize("visit", [{"locale": "en-US"}, {"locale": "zh-CN"}], indirect=True)
def test_a_first_reader_begins_in_a_language_that_he_reads(visit: Visit) -> None:
    page = visit.go("")
    lang = page.evaluate("document.documentElement.lang")[:2]
    visit.expect_query(lang=lang, model=GREETING[lang])
    expect(page.locator(".front .what")).to_have_text(t("front.what", lang))
    expect(page.locator(".strip .hint")).to_contain_text(t("bar.invites", lang))


def test_a_link_means_what_it_says_whatever_language_its_reader_has(visit: Visit) -> None:
    visit.go("", source="我有一只猫")
    visit.expect_query(model="zh-en", source="我有一只猫")


@pytest.mark.parametrize(
    "visit", [{"viewport": {"width": w, "height": h}} for w, h in ((1280, 720), (390, 844))], indirect=True
)
def test_the_path_is_one_strip_on_the_first_screen(visit: Visit) -> None:
    page = visit.go("")
    box = strip(page).bounding_box()
    assert box is not None
    assert box["height"] <= 44
    assert box["y"] + box["height"] <= page.viewport_size["height"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(stops(page)).to_have_count(len(PATH))


def test_the_path_leads_from_the_home_through_every_stop_with_the_readers_own_sentence(visit: Visit) -> None:
    page = visit.go("", source=SOURCE, model=MODEL)
    strip(page).locator(".next").click()
    for number, stop in enumerate(PATH, 1):
        settle(page, PATIENCE)
        expect(here(page)).to_have_text(str(number))
        expect(page.locator(".st-key-masthead h1 b")).to_have_text(str(number))
        visit.expect_query(source=SOURCE, model=MODEL)
        assert urlsplit(page.url).path.endswith(stop.page)
        if stop.stage:
            visit.expect_query(stage=stop.stage)
        if number < len(PATH):
            expect(strip(page).locator(".next")).to_contain_text(t(f"path.{PATH[number].name}", "en"))
            strip(page).locator(".next").click()
    expect(strip(page).locator(".next")).to_contain_text(t("page.forcing", "en"))


def test_a_stop_is_a_link_that_opens_by_itself(visit: Visit) -> None:
    page = visit.go("layer", source=SOURCE, model=MODEL)
    address = str(stops(page).nth(1).get_attribute("href"))
    query = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert (query["source"], query["model"]) == (SOURCE, MODEL)
    page.goto(address)
    settle(page, PATIENCE)
    expect(here(page)).to_have_text("2")


def test_the_number_follows_the_stages_of_a_road(visit: Visit) -> None:
    page = visit.go("embedding", source=SOURCE, model=MODEL, stage="tokens")
    expect(here(page)).to_have_text("1")
    page.keyboard.press("ArrowRight")
    expect(here(page)).to_have_text("2")
    expect(page.locator(".st-key-masthead h1 b")).to_have_text("2")


def test_a_term_is_explained_by_keyboard_mouse_and_finger_and_nothing_moves(visit: Visit) -> None:
    page = visit.go("attention", source=SOURCE, model=MODEL, stage="scores_scaled", lang="en")
    term = page.locator(".st-key-attention-heading a.term", has_text="softmax")
    expect(term).to_have_attribute("href", "glossary#softmax")
    before = term.bounding_box()
    term.focus()
    box = page.locator(BOX)
    expect(box).to_be_visible()
    expect(box).to_contain_text(t("term_means.softmax", "en"))
    expect(box).to_have_attribute("role", "tooltip")
    described = (
        "(term) => term.ariaDescribedByElements?.[0]?.id ?? (term.getAttribute('aria-description') ? 'gf-term' : '')"
    )
    assert term.evaluate(described) == "gf-term"
    assert term.bounding_box() == before
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    term.hover()
    expect(box).to_be_visible()
    box.hover()  # the mouse may go over into it
    page.wait_for_timeout(400)
    expect(box).to_be_visible()
    page.mouse.move(5, 400)
    expect(box).to_be_hidden()
    term.click()
    expect(box).to_be_visible()
    term.click()
    expect(box).to_be_hidden()


@pytest.mark.parametrize("visit", [{"has_touch": True, "viewport": {"width": 390, "height": 844}}], indirect=True)
def test_a_tap_opens_a_term_within_a_phones_window(visit: Visit) -> None:
    page = visit.go("layer", source=SOURCE, model=MODEL, lang="en")
    term = page.locator("[data-testid=stMain] p a[href='glossary#layer_norm']").first
    term.tap()
    box = page.locator(BOX)
    expect(box).to_be_visible()
    place = box.bounding_box()
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    page.touchscreen.tap(200, 60)
    expect(box).to_be_hidden()


def test_a_term_is_dotted_where_it_stands_first(visit: Visit) -> None:
    page = visit.go("layer", source=SOURCE, model=MODEL, lang="en", stage="ln1")
    # Which stands first is found out when the page has come to rest.
    page.wait_for_function(
        f"""() => {{
          const seen = new Set(), found = ({_TERMS})();
          const right = found.every(([term, again]) => (again === seen.has(term)) && seen.add(term));
          return right && found.length > seen.size && seen.size > 3;
        }}"""
    )


def test_enter_on_a_term_leads_to_its_entry_of_the_glossary(visit: Visit) -> None:
    page = visit.go("layer", source=SOURCE, model=MODEL, lang="en", stage="ln1")
    term = page.locator("[data-testid=stMain] p a[href='glossary#residual_stream']").first
    term.focus()
    page.keyboard.press("Enter")
    settle(page, PATIENCE)
    entry = page.locator("article[data-term=residual_stream]")
    expect(entry).to_have_class("meant")
    expect(entry).to_be_in_viewport()
    visit.expect_query(source=SOURCE, model=MODEL)
    entry.locator(".where a").click()
    settle(page, PATIENCE)
    visit.expect_query(source=SOURCE, stage="sizes")


def test_the_glossary_finds_a_term_in_either_language(visit: Visit) -> None:
    page = visit.go("glossary", source=SOURCE, model=MODEL, lang="en")
    field = page.get_by_role("searchbox")
    field.fill("残差流")
    expect(page.locator("article:visible")).to_have_count(1)
    field.fill("no such term at all")
    expect(page.locator("p.none")).to_be_visible()


@pytest.fixture(scope="module")
def forgetful(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A visitor of a server that forgets a session as soon as its connection is lost."""
    folder = tmp_path_factory.mktemp("forgetful")
    with visiting(browser, folder, "app.py", STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="1") as visit:
        yield visit


def test_after_a_lost_connection_the_page_is_what_the_address_says(forgetful: Visit) -> None:
    page, lines, cut = forgetful.page, list[WebSocketRoute](), [False]

    def connect(line: WebSocketRoute) -> None:
        if cut[0]:
            line.close()
            return
        line.connect_to_server()
        lines.append(line)

    page.route_web_socket("**/_stcore/stream", connect)
    forgetful.go("attention", source="我有一只猫", model="zh-en", head=3, lang="zh", stage="weights")
    field = page.locator(".st-key-source input")
    field.focus()
    field.fill("他很高")
    field.press("Enter")
    forgetful.expect_query(source="他很高", head="3")
    page.locator(".st-key-choose-head button").nth(1).click()
    forgetful.expect_query(source="他很高", head="1")
    cut[0] = True
    before = len(lines)
    lines[-1].close()
    page.wait_for_timeout(4000)  # longer than the server waits
    cut[0] = False
    while len(lines) == before:  # the browser tries again by itself
        page.wait_for_timeout(200)
    page.wait_for_timeout(1500)  # the new session has begun
    settle(page, PATIENCE)
    expect(page.locator(".st-key-words bdi").first).to_have_text("他")
    page.wait_for_timeout(1500)  # an older view, if there is one, has been written by now
    forgetful.expect_query(source="他很高", head="1")
    expect(field).to_have_value("他很高")
