"""Every page, gone over in one walk per language: its first screen belongs to the picture, and all can be read.

One walk is in light colours with a short sentence, and in front of a class; the other in dark ones, with edits and a
long sentence. Both see every page on a phone, too.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.looks import IN_A_ROOM, barriers, flaws, present
from tests.browser.playing import open_menu
from tests.ui.opened import EVERY_PAGE, FILLING, ROAD
from ui.frame.menu import RUNLESS
from ui.frame.text import GLOSSARY

SHORT, LONG = "汤姆昨天买了一本书。", "昨天下午我和我的朋友在学校的图书馆里一起看了三本关于历史的书。"
SENTENCE = 200  # px that the line has left for it, at least, with edits and at 125 % as well
ENGLISH = "The little girl had a small brown dog."
HIDDEN = {"model": "words-en", "source": "She [MASK] a book on the [MASK]."}
EDITS = "off:decoder.2.cross_attn:0"
HIGHEST = 180  # pixels from the top of the window to the first cell or word of the picture
SEEN = 300  # pixels of the picture that are in sight, where it is as high
PHONE, WINDOW = (375, 812), (1280, 720)
SIZES = (PHONE, (1440, 900), (1024, 576), WINDOW)  # the third is the window at a zoom of 125 %
DARK = {"color_scheme": "dark"}

# Of the page's first picture: where its first mark begins, how much of it is in sight, how much there is, and what can
# be clicked above it that is neither in the frame nor a stop nor a term that explains itself.
_FIRST = """const first = (frame) => {
  const all = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      all.push(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  const box = (element) => element.getBoundingClientRect(), there = ({ width, height }) => width > 0 && height > 0;
  const pictures = all.filter((element) => element.dataset?.picture !== undefined || element.matches(".stPlotlyChart"));
  const picture = pictures.filter((element) => there(box(element))).sort((a, b) => box(a).top - box(b).top)[0];
  if (!picture) return null;
  const { top, bottom } = box(picture);
  const marks = [...picture.querySelectorAll("text, canvas, bdi, td, th, .thumb")].map(box).filter(there);
  const framed = (element) => {
    for (let at = element; at; at = at.parentNode ?? at.host) if (at.matches?.(frame)) return true;
    return false;
  };
  const above = all.filter((element) => element.matches("button, a[href], input, select, textarea, [role=button]"))
    .filter((element) => there(box(element)) && box(element).bottom <= top && !framed(element));
  return {
    top: Math.min(...marks.map(({ top }) => top)),
    seen: Math.min(bottom, innerHeight) - top,
    high: bottom - top,
    above: above.map((element) => element.outerHTML.slice(0, 120)),
  };
};
"""
# The same, once it has stood still for a while: what is drawn anew for another width is drawn.
_AT_REST = f"""(frame) => new Promise((done) => {{
  {_FIRST}
  let last = "", same = 0;
  const look = () => {{
    const now = JSON.stringify(first(frame));
    same = now === last ? same + 1 : 0;
    last = now;
    if (same >= 2) return done(JSON.parse(now));
    setTimeout(() => requestAnimationFrame(look), 90); // to look at all of a page takes longer than a frame
  }};
  look();
}})"""
_FRAME = (
    "header, .st-key-bar, .st-key-masthead, .st-key-language, .road, .st-key-ready_experiment, "
    "[data-testid=stSkipToContent], [href^='glossary#']"
)


def problems(page: Page, found: dict[str, Any] | None) -> list[str]:
    """What is wrong with the first screen as it stands, and was found at rest."""
    if found is None:
        return ["no picture"]
    wrong = [f"begins at {found['top']:.0f}"] if found["top"] > HIGHEST else []
    sentence = page.locator(".st-key-sentence").bounding_box()
    if sentence is None or sentence["width"] < SENTENCE:
        wrong.append(f"the sentence has no room: {sentence}")
    if found["seen"] < min(SEEN, found["high"]) - 1:
        wrong.append(f"{found['seen']:.0f} of {found['high']:.0f} are in sight")
    return wrong + found["above"]


@pytest.mark.parametrize(
    ("visit", "view", "dark"),
    [
        ({}, {"lang": "en", "source": SHORT}, False),
        (DARK, {"lang": "zh", "source": LONG, "edits": EDITS}, True),
    ],
    indirect=["visit"],
    ids=["en-light", "zh-dark"],
)
def test_every_page_belongs_to_its_picture_and_can_be_read(visit: Visit, view: dict[str, str], dark: bool) -> None:
    """The page that a link opens, and the others in the menu: sentence, language and edits stay."""
    wrong = {}
    filling, *names = (name_of(page) for page in (FILLING, *EVERY_PAGE))
    road = [name_of(page) for page in ROAD]
    first, *others = (name for name in names if name not in (filling, *RUNLESS, *road))
    page = visit.go(first, **view)
    for name in (first, *others, *RUNLESS):
        if name != first:
            open_menu(page, name, view["lang"])
            visit.expect_query(**view)
        wrong |= gone_over(page, name, dark=dark, pictures=name not in (GLOSSARY, *RUNLESS))
    visit.go(filling, lang=view["lang"], **HIDDEN)  # by a model that the other pages are not for
    wrong |= gone_over(page, filling, dark=dark)
    for name in road:  # whose models read English
        visit.go(name, lang=view["lang"], source=ENGLISH)
        wrong |= gone_over(page, name, dark=dark)
    assert wrong == {}, "\n".join(f"{place}: {flaw}" for place, flaws in wrong.items() for flaw in flaws)


# What is cut at the edge and does not show that there is more: the way on, and the sentence.
_CUT = """() => {
  const inside = [...document.querySelectorAll("*")].map((one) => one.shadowRoot).filter(Boolean);
  const [way] = inside.map((root) => root.querySelector("nav > .next")).filter(Boolean);
  const [strip] = inside.map((root) => root.querySelector(".strip .line")?.parentElement).filter(Boolean);
  const cut = (one) => one && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
  const behind = strip && getComputedStyle(strip, "::after").backgroundImage;
  const fades = strip?.querySelector(".hint") || behind !== "none";
  const wrong = cut(way) ? [`shortened: ${way.textContent}`] : [];
  return cut(strip) && !fades ? [...wrong, "the sentence does not fade"] : wrong;
}"""


_WIDEST = """Math.max(
  document.documentElement.scrollWidth, document.querySelector("[data-testid=stMain]").scrollWidth)"""


def name_of(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def gone_over(page: Page, name: str, *, dark: bool, pictures: bool = True) -> dict[tuple[str, int], list[str]]:
    """What is wrong with a page, by its name and the width of the window, 0 for that of a projector."""
    found = {}
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        at_rest = page.evaluate(_AT_REST, _FRAME)
        wrong = problems(page, at_rest) if pictures and size != PHONE else []
        wrong += page.evaluate(_CUT)
        if size in (PHONE, WINDOW):
            wrong += flaws(page)
        if size == WINDOW or (size == PHONE and dark):
            wrong += barriers(page, colours=size != PHONE)
        if size == PHONE and (widest := page.evaluate(_WIDEST)) > PHONE[0]:
            wrong.append(f"it scrolls sideways, by {widest - PHONE[0]}")
        if wrong:
            found[name, size[0]] = wrong
    if not dark and page.locator(".st-key-share").count() and (wrong := in_front_of_a_class(page)):
        found[name, 0] = wrong
    return found


def in_front_of_a_class(page: Page) -> list[str]:
    """What is wrong with the texts of a page in the mode for a projector, which is left again."""
    present(page, True)
    page.evaluate(_AT_REST, _FRAME)
    wrong = flaws(page, IN_A_ROOM)
    present(page, False)
    return wrong
