"""The first screen belongs to the picture: on every page, in both languages, with and without edits, at three sizes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.playing import open_menu
from tests.ui.opened import FILLING, PAGES
from ui.frame.text import GLOSSARY

SOURCE = "汤姆昨天买了一本书。"
SENTENCE = 200  # px that the line has left for it, at least, with edits and at 125 % as well
HIDDEN = {"model": "words-en", "source": "She [MASK] a book on the [MASK]."}
EDITS = "off:decoder.2.cross_attn:0"
HIGHEST = 180  # pixels from the top of the window to the first cell or word of the picture
SEEN = 300  # pixels of the picture that are in sight, where it is as high
SIZES = ((1280, 720), (1440, 900), (1024, 576))  # the last one is the first at a zoom of 125 %

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
  let last = "", frames = 0;
  const look = () => {{
    const now = JSON.stringify(first(frame));
    frames = now === last ? frames + 1 : 0;
    last = now;
    if (frames >= 15) done(JSON.parse(now)); else requestAnimationFrame(look);
  }};
  look();
}})"""
_FRAME = (
    "header, .st-key-bar, .st-key-masthead, .st-key-language, .road, .st-key-ready_experiment, "
    "[data-testid=stSkipToContent], [href^='glossary#']"
)


def problems(page: Page) -> list[str]:
    """What is wrong with the first screen as it stands."""
    found = page.evaluate(_AT_REST, _FRAME)
    if found is None:
        return ["no picture"]
    wrong = [f"begins at {found['top']:.0f}"] if found["top"] > HIGHEST else []
    sentence = page.locator(".st-key-sentence").bounding_box()
    if sentence is None or sentence["width"] < SENTENCE:
        wrong.append(f"the sentence has no room: {sentence}")
    if found["seen"] < min(SEEN, found["high"]) - 1:
        wrong.append(f"{found['seen']:.0f} of {found['high']:.0f} are in sight")
    return wrong + found["above"]


@pytest.mark.parametrize(("lang", "edits"), [("en", ""), ("zh", EDITS)])
def test_the_picture_begins_on_the_first_screen(lang: str, edits: str, visit: Visit) -> None:
    """Of the page that a link opens, and of the others in the menu: sentence, language and edits stay."""
    wrong = {}
    names = (path.rpartition("/")[2].removesuffix(".py") for path in PAGES)
    first, *others = (name for name in names if name != GLOSSARY)  # a page of words
    view = {"lang": lang, "source": SOURCE} | ({"edits": edits} if edits else {})
    page = visit.go(first, **view)
    wrong |= {(first, width): found for width, found in at_all_sizes(page)}
    for name in others:
        open_menu(page, name, lang)
        visit.expect_query(**view)
        wrong |= {(name, width): found for width, found in at_all_sizes(page)}
    name = FILLING.rpartition("/")[2].removesuffix(".py")
    visit.go(name, lang=lang, **HIDDEN)  # by a model that the other pages are not for
    wrong |= {(name, width): found for width, found in at_all_sizes(page)}
    assert wrong == {}


def at_all_sizes(page: Page) -> list[tuple[int, list[str]]]:
    """The problems of a page at each width where there are any; the window is as wide as before at the end."""
    found = []
    for width, height in (*SIZES[1:], SIZES[0]):
        page.set_viewport_size({"width": width, "height": height})
        if wrong := problems(page):
            found.append((width, wrong))
    return found
