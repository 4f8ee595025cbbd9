"""What is wrong with the looks of a page: too small, cut, on top of each other, or a barrier to a reader."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.app import OFTEN

# Pixels of letters as they are painted, and of sub- and superscripts: at a desk, and at the back of a room.
AT_A_DESK = {"text": 13, "script": 11}
IN_A_ROOM = {"text": 18, "script": 15}
_LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
_AXE = Axe()
_RULED = """async ({ exclude, rules }) => {
  const { violations } = await axe.run({ exclude }, { resultTypes: ["violations"], preload: false, rules });
  const told = (id) => ({ target, any }) => `${id}: ${target.flat().join(" ")}: ${any[0]?.message ?? ""}`;
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(told(id)));
}"""
# Streamlit's own menu of a narrow window, where a list's entries stand in sections that are no entries.
_STREAMLITS_OWN = [["[data-testid=stSidebarNav]"]]


def flaws(page: Page, least: dict[str, int] = AT_A_DESK) -> list[str]:
    """What can be seen to be wrong with the texts of a page, as it stands."""
    return list(page.evaluate(_LOOKS, least))


def present(page: Page, on: bool) -> None:
    """Turn the mode for a projector on or off, by its keys."""
    page.keyboard.press("p" if on else "Escape")
    page.wait_for_function(
        "(on) => document.documentElement.hasAttribute('data-present') === on", arg=on, polling=OFTEN
    )
    page.wait_for_function("(on) => location.search.includes('present=1') === on", arg=on, polling=OFTEN)


def barriers(page: Page, *, colours: bool = True) -> list[str]:
    """What axe-core finds serious or critical; `colours` may be left out where only the width has changed."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.axe_script)
    rules = {} if colours else {"color-contrast": {"enabled": False}}
    return list(page.evaluate(_RULED, {"exclude": _STREAMLITS_OWN, "rules": rules}))
