"""Pictures that are taken home, in a real Chromium: each is what stands on the page, and holds all that it needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from figures.base.theme import theme
from tests.browser.app import settle
from tests.browser.conftest import Visit
from tests.browser.maps import middle
from tests.browser.pages.taking import ASKED, SOURCE, WEIGHTS, WEIGHTS_PAGE, opened, saved, take
from tests.browser.pixels import rgb
from ui.frame.text import t
from ui.state.models import get_trace

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True}
SVG = "{http://www.w3.org/2000/svg}"
CAPTION = 48


def places(page: Page, row: int, column: int) -> tuple[float, float, float, float]:
    """Width and height of the map, and where in it the middle of a cell lies."""
    whole, cells = (page.locator(f".st-key-map0 {part}").bounding_box() for part in (".heat", ".cells"))
    assert whole
    assert cells
    inside = middle(page, row, column)
    width, height = (
        float(page.locator(".st-key-map0 .heat svg").get_attribute(name) or 0) for name in ("width", "height")
    )
    left, top = cells["x"] - whole["x"], cells["y"] - whole["y"]
    return width, height, left + inside["x"], top + inside["y"]


@pytest.fixture(scope="module")
def taken(visits: Callable[..., Visit], first: Visit) -> Iterator[Locator]:
    """The open window of one page, from which several tests save something."""
    visit = visits()
    yield take(visit, **WEIGHTS_PAGE)
    visit.leave()
    assert visit.errors == []
    assert visit.strangers == []


def test_the_picture_is_saved_as_png(taken: Locator, tmp_path: Path) -> None:
    path = saved(taken, t("pictures.png", "en"), tmp_path)
    assert path.name == "glassformer-zh-en-decoder.2.cross_attn.weights-head1.png"
    row, column = np.unravel_index(get_trace(ASKED)[WEIGHTS][1].argmax(), (6, 6))
    width, height, x, y = places(taken.page, int(row), int(column))
    with Image.open(path) as image:
        assert image.size == (round(2 * width), round(2 * (height + CAPTION)))
        colours = image.convert("RGB").getcolors(2**20)
        assert colours is not None
        assert len(colours) > 50
        assert image.convert("RGB").getpixel((0, 0)) == tuple(rgb(theme("light").background))
        # Beside the number that is printed into its middle, the heaviest cell has a dark colour of the weights.
        cell = np.array(image.convert("RGB").getpixel((round(2 * x) - 50, round(2 * (y + CAPTION)))), float)
    weights = pairwise(rgb(colour) for colour in theme("light").weights[2:])
    between = [low + (high - low) * share for low, high in weights for share in np.linspace(0, 1, 64)]
    assert min(np.abs(cell - colour).max() for colour in between) <= 4


def test_the_picture_is_saved_as_svg(taken: Locator, tmp_path: Path) -> None:
    path = saved(taken, t("pictures.svg", "en"), tmp_path)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    width, height, _, _ = places(taken.page, 0, 0)
    assert (root.tag, float(root.attrib["width"]), float(root.attrib["height"])) == (
        f"{SVG}svg",
        width,
        height + CAPTION,
    )
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    trace = get_trace(ASKED)
    assert {f"{i} {word}" for i, word in enumerate(trace.source_tokens)} <= set(said)
    pairs = zip(trace.target_tokens, trace.written_tokens, strict=True)
    assert {f"{i} {read} → {written}" for i, (read, written) in enumerate(pairs)} <= set(said)
    assert said[:2] == [t("value_name.weights", "en"), f"{WEIGHTS} · {t('axis_name.H', 'en', i=1)} · zh-en"]
    links = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert links
    assert all(link.startswith("data:image/png") for link in links)
    assert re.findall(r"url\((?![\"']?#)", path.read_text(encoding="utf-8")) == []


def test_the_whole_map_is_saved_as_it_looks(visit: Visit, tmp_path: Path) -> None:
    visit.go("", lang="zh", source=SOURCE)
    path = saved(opened(visit.page, "architecture"), t("pictures.svg", "zh"), tmp_path)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    trace = get_trace(ASKED)
    assert {*trace.source_tokens, *trace.written_tokens} <= set(said)
    pictures = visit.page.locator(".st-key-architecture-map canvas").count()
    assert len(list(root.iter(f"{SVG}image"))) == pictures > 10
    ribbons = visit.page.locator(".st-key-architecture-map .map > svg path").count()
    paths = list(root.iter(f"{SVG}path"))
    assert len(paths) == ribbons > 10
    assert all(path.get("fill", "").startswith(("rgb", "none", "color")) for path in paths)  # no style sheet is needed


@pytest.mark.parametrize("visit", [{"color_scheme": "dark", **PHONE}], indirect=True)
def test_a_dark_picture_on_a_phone_is_dark_and_every_button_within_reach(visit: Visit, tmp_path: Path) -> None:
    """How much fits into the open box hangs on the fonts: it has most of the screen, and what is longer scrolls.

    The room below the button may come after the box, as it does where the server is slow.
    """
    visit.go("layer", lang="zh", source=SOURCE, stage="ln1")
    late = visit.page.add_style_tag(
        content="[data-testid=stElementContainer]:has([data-testid=stSpace]) { display: none; }"
    )
    body = opened(visit.page, "layer")
    expect(visit.page.get_by_test_id("stSpace").last).to_be_attached()
    late.evaluate("(style) => style.remove()")
    visit.page.wait_for_function("(box) => box.clientHeight > innerHeight / 2", arg=body.element_handle())
    for label in ("pictures.png", "pictures.svg", "export.csv", "export.npz", "export.trace", "export.report"):
        button = body.get_by_role("button", name=t(label, "zh"), exact=True)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=1)
    body.get_by_role("radio", name="mean").click()
    settle(visit.page)
    expect(body.locator("code")).to_contain_text("ln1.mean")
    path = saved(body, t("pictures.png", "zh"), tmp_path)
    assert path.name == "glassformer-zh-en-decoder.2.ln1.mean.png"
    with Image.open(path) as image:
        assert image.convert("RGB").getpixel((0, 0)) == tuple(rgb(theme("dark").background))


def test_a_picture_of_all_heads_holds_their_thumbnails_once(visit: Visit, tmp_path: Path) -> None:
    visit.go("heads", lang="en", source=SOURCE)
    body = opened(visit.page, "heads")
    svg = ElementTree.parse(saved(body, t("pictures.svg", "en"), tmp_path)).getroot()
    sheets = [image for image in svg.iter(f"{SVG}image") if image.get("id") == "sheet"]
    assert (len(sheets), len(list(svg.iter(f"{SVG}use")))) == (1, 11)  # twelve heads, one sheet
    assert list(svg.iter(f"{SVG}linearGradient"))  # the colours with their numbers
    text = "".join(svg.itertext())
    assert t("measure.entropy", "en") in text
    assert t("heads_words.in", "en") not in text  # no button


def test_a_picture_of_a_mask_holds_what_style_sheets_put_there(visit: Visit, tmp_path: Path) -> None:
    visit.go("masks", lang="en", source=SOURCE, stack="decoder", block="self_attn", layer=0, mask="window-1")
    svg = ElementTree.parse(saved(opened(visit.page, "masks"), t("pictures.svg", "en"), tmp_path)).getroot()
    signs = [text.text for text in svg.iter(f"{SVG}text")]
    assert (signs.count("●"), signs.count("×")) == (11 + 2, 25 + 1)  # the cells of 6 words, and the legend's
    colour = f"rgb({', '.join(str(int(part)) for part in rgb(theme('light').selected))})"
    selected = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("stroke") == colour]
    assert len({(rect.get("x"), rect.get("y")) for rect in selected}) == 10 + 1  # blocked here, open in its own mask
    assert [text.text for text in svg.iter(f"{SVG}text") if text.get("writing-mode")][:4] == ["0", "<s>", "1", "I"]
