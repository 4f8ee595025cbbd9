"""Take the pictures of the READMEs with the bundled models: `python -m tests.readme_pictures`."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.app import ROOT, Server, running_browser, running_server, settle

DOCS = ROOT / "docs"
SENTENCE = "汤姆昨天买了一本书。"
ON_THE_ROAD = {
    "en": {"model": "en-fr", "source": "The little girl had a small brown dog."},
    "zh": {"source": "小女孩有一只棕色的小狗。"},
}
SIZE = {"width": 1440, "height": 900}
MILLISECONDS = 1300  # of one step of the animation


def main() -> None:
    """Write the map, one head, all heads, the whole road and the player, in both languages."""
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server, running_browser() as browser:
        for lang, suffix in (("en", ""), ("zh", "-zh")):
            view = {"lang": lang, "source": SENTENCE}
            _whole(browser, server.link(**view)).save(DOCS / f"map{suffix}.png", optimize=True)
            head = server.link("attention", **view, stage="weights", layer=2, head=0)
            _whole(browser, head).save(DOCS / f"one-head{suffix}.png", optimize=True)
            _whole(browser, server.link("heads", **view)).save(DOCS / f"all-heads{suffix}.png", optimize=True)
            road = server.link("road", **view | ON_THE_ROAD[lang])
            _whole(browser, road).save(DOCS / f"road{suffix}.png", optimize=True)
            _animation(browser, server, view, DOCS / f"player{suffix}.gif")


def _open(browser: Browser, link: str) -> Page:
    page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
    page.goto(link)
    settle(page)
    page.wait_for_timeout(1500)  # fonts and chart transitions
    height = page.evaluate(
        "document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect().bottom"
    )
    page.set_viewport_size({"width": SIZE["width"], "height": int(height)})
    page.wait_for_timeout(700)
    return page


def _whole(browser: Browser, link: str) -> Image.Image:
    page = _open(browser, link)
    picture = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    return _coloured(picture)


def _coloured(picture: Image.Image) -> Image.Image:
    """Few colours make a small file; those of small parts, which mean something, are kept true."""
    return picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=2)


def _animation(browser: Browser, server: Server, view: dict[str, str], path: Path) -> None:
    """One frame per step, cut to the player."""
    page = _open(browser, server.link("unfold", **view, step=0))
    player = page.locator(".player")
    frames = []
    while True:
        shot = Image.open(io.BytesIO(player.screenshot()))
        frames.append(shot.resize((shot.width * 2 // 3, shot.height * 2 // 3), Image.Resampling.LANCZOS))
        if page.locator("button.next").is_disabled():
            break
        page.locator("button.next").click()
        page.wait_for_timeout(200)
    page.close()
    small = [_coloured(frame) for frame in frames]
    small[0].save(path, save_all=True, append_images=small[1:], duration=MILLISECONDS, loop=0, optimize=True)


if __name__ == "__main__":
    main()
