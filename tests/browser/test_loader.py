"""What finds a component's module: whichever arrives first, its line in a message or the frame's loader."""

from __future__ import annotations

import re

from playwright.sync_api import Browser

from ui.frame.text import t
from ui.parts.modules import component_script, loader

_CALL = """async ([script, told]) => {
  const called = { parentElement: document.querySelector("main").attachShadow({ mode: "open" }) };
  const { default: draw } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  self.ended = draw(called);
  if (told) document.querySelector("main").append(document.createRange().createContextualFragment(told));
  await self.ended;
  return called.parentElement.textContent;
}"""


def test_a_component_may_be_asked_for_before_the_loader_is_there_and_after(browser: Browser) -> None:
    """Without a server no module comes, and that is what it says in its place, in both orders."""
    script, told = component_script("heatmap/heatmap"), loader("zh")
    assert not re.search(
        r"<[/\w!]", told.removeprefix("<script>").removesuffix("</script>")
    )  # Streamlit drops such a script
    for early in (True, False):
        page = browser.new_page()
        page.set_content(f"<!doctype html><base href='http://nowhere.invalid/'><main></main>{'' if early else told}")
        assert page.evaluate(_CALL, [script, told if early else ""]) == t("component.lost", "zh")
        page.close()
