"""What the tests of the player share: what it should show, worked out without a browser, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from playwright.sync_api import Page, expect

from figures.decode.unfold import unfold
from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.wire import Wire
from tests.spelled import word_of
from ui.frame.menu import HOME, SECTIONS
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

SOURCE = "我有一只猫"
TARGET = "I have a small cat and two dogs."  # a given text: the number of steps does not hang on the weights
THINNEST = 0.005  # weights below are not drawn


def data(source: str = SOURCE, target: str = TARGET, layer: int | None = None, head: int | None = None) -> Any:
    """What the player is made of, worked out without a browser."""
    glass = get_model(DEFAULT_MODEL)
    layer = glass.config.n_decoder_layers - 1 if layer is None else layer
    trace = get_trace(Asked(DEFAULT_MODEL, source, target))
    return unfold(trace, layer, head, word_of(glass))


def last_step() -> int:
    """The last step of `SOURCE` and `TARGET`."""
    return len(data()["steps"]) - 1


def expect_step(page: Page, step: int, last: int | None = None, lang: str = "en") -> None:
    """The player stands at a step and, once it has rested there, so does the address."""
    last = last_step() if last is None else last
    expect(page.locator(".count")).to_have_text(t("player.count", lang, step=step, last=last))
    expect(page).to_have_url(re.compile(rf"[?&]step={step}(&|$)"))


def shown_step(page: Page) -> int:
    return int((re.findall(r"\d+", page.locator(".count").text_content() or "") or ["-1"])[0])


def percent(p: float) -> str:
    digits = Decimal("1") if p >= 0.9995 else Decimal("0.1")
    return "< 0.1 %" if p < 0.001 else f"{Decimal(100 * p).quantize(digits, ROUND_HALF_UP)} %"


def isolated(text: str) -> str:
    return f"\u2068{text}\u2069"


def sentence(told: Any, step: int, lang: str = "en") -> str:
    chosen = told["steps"][step]["chosen"]
    seen = " ".join(isolated(word["text"]) for word in told["read"][: step + 1])
    ranked = "first" if chosen["rank"] == 1 else "ranked"
    sees, writes = "sees" if step else "sees_first", isolated(told["written"][step]["text"])
    ranked = t(f"player.{ranked}", lang, rank=chosen["rank"])
    return " ".join(
        [
            t(f"player.{sees}", lang, step=step, seen=seen),
            t("player.writes", lang, word=writes, p=percent(chosen["p"]), ranked=ranked),
        ]
    )


def looks(told: Any, step: int, lang: str = "en") -> str:
    """Where it looks, in words."""
    at = told["steps"][step]
    source, own = _places(told["source"], at["cross"], lang), _places(told["read"][: step + 1], at["own"], lang)
    return t(f"player.{'looks' if step else 'looks_first'}", lang, source=source, own=own)


def weight(word: str, p: float, lang: str = "en") -> str:
    """What a word says to who points at it."""
    return t("player.weight", lang, word=isolated(word), p=percent(p))


def _places(words: list[dict[str, str]], weights: list[float], lang: str) -> str:
    among = [word["text"] for word in words]
    places = [
        t(
            "player.place" if among.count(among[i]) == 1 else "player.place_again",
            lang,
            **{"word": isolated(among[i]), "p": percent(weights[i])},
            **({} if among.count(among[i]) == 1 else {"i": i}),
        )
        for i in sorted(range(len(among)), key=lambda i: -weights[i])[:2]
    ]
    return places[0] if len(places) == 1 else t("player.both", lang, first=places[0], second=places[1])


def drawn(page: Page, kind: str) -> list[tuple[float, float]]:
    """(weight, thickness) of the lines of a kind."""
    read = "(paths) => paths.map((path) => [Number(path.dataset.weight), Number(path.getAttribute('stroke-width'))])"
    return [tuple(pair) for pair in page.locator(f".player path[data-kind={kind}][d]").evaluate_all(read)]


def open_menu(page: Page, name: str, lang: str = "en") -> None:
    """Go to another page, by the menu."""
    section = next(section for section, names in SECTIONS.items() if name in names)
    page.get_by_test_id("stTopNavSection").filter(has_text=t(f"menu.{section}", lang)).click()
    page.get_by_test_id("stTopNavDropdownLink").get_by_text(t(f"page.{name}", lang), exact=True).click()
    page.wait_for_url(re.compile(r"/\?" if name == HOME else rf"/{name}\?"))  # its address is written when it is drawn
    settle(page, PATIENCE)


def staying(visit: Visit, source: str = SOURCE) -> Iterator[tuple[Visit, Wire]]:
    """A visitor at the player, with what goes over the wire; at the end nothing may have complained."""
    wire = Wire(visit.page)
    visit.go("unfold", lang="en", source=source, target=TARGET)
    yield visit, wire
    visit.leave()
    assert visit.errors == []
    assert visit.strangers == []
