"""What looks at the looks of a page sees what is wrong, and nothing where all is right."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.looks import barriers, flaws

RIGHT = """<style>b { display: block; width: 60px; white-space: nowrap }</style>
<p style="font-size: 13px">large enough <sub style="font-size: 11px">script</sub></p>
<b style="overflow-x: auto" tabindex="0">what scrolls is not cut off</b>
<b style="overflow: hidden; text-overflow: ellipsis">what ends in dots says so</b>
<p style="position: absolute; width: 1px; height: 1px; overflow: hidden; font-size: 2px">for who listens</p>
<p style="opacity: 0; font-size: 2px">nobody sees it</p><details><summary>more</summary><p>is folded away</p></details>
<svg width="99" height="30"><text y="20" font-size="26" transform="scale(.5)">scaled</text></svg>"""


WRONG = (
    ('<p style="font-size: 12px">Small</p>', "small: Small"),
    ('<p style="font-size: 16px; transform: scale(.7)">Small</p>', "small: Small"),
    ('<svg><text y="20" font-size="20" transform="scale(.6)">Small</text></svg>', "small: Small"),
    ("<p>x<sub style='font-size: 10px'>Small</sub></p>", "small: Small"),
    ("<div><template shadowrootmode=open><p style='font-size: 9px'>Small</p></template></div>", "small: Small"),
    ('<b style="overflow: hidden">Cut where it ends</b>', "cut: Cut where it ends"),
    ('<svg width="40" height="20"><text y="15">Cut where it ends</text></svg>', "cut: Cut where it ends"),
    ('<b>One</b><b style="margin-top: -1em">Two</b>', "on each other: One"),
    ('<svg><text y="40">One</text><text x="9" y="42">Two</text></svg>', "on each other: One"),
)


def test_it_sees_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<!doctype html><html lang=en><title>Looks</title><main>{RIGHT}</main></html>")
    assert flaws(page) == barriers(page) == []
    for wrong, what in WRONG:
        page.evaluate("(html) => document.querySelector('main').setHTMLUnsafe(html)", RIGHT + wrong)
        found = flaws(page)
        assert [one.startswith(what) for one in found] == [True], (wrong, found)
    page.evaluate("document.querySelector('main').innerHTML = '<p style=\"color: #aaa\">pale</p>'")
    assert [found.partition(":")[0] for found in barriers(page)] == ["color-contrast"]
    page.close()
