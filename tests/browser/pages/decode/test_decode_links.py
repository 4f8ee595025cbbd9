"""What is chosen on the decoding pages travels in the address: a copied link shows the same to somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.app import OFTEN, settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.playing import open_menu
from ui.frame.text import t

SOURCE = "我有一只猫"
CHIPS = ".row.own .chip"


def test_a_decoding_by_a_drawn_and_a_picked_word_is_restored(visit: Visit, visits: Callable[..., Visit]) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, temperature="0.8", seed=4)
    page.get_by_role("radio", name=t("rule_name.sampling", "en")).click()
    visit.expect_query(rule="sampling", temperature="0.8", seed="4")
    page.locator("button.next").click()
    page.locator(".bars button.bar").nth(3).click()
    expect(page.locator(".says")).to_contain_text(t("player.reason_picked", "en", rank=4))
    page.wait_for_function("() => new URLSearchParams(location.search).get('picks')?.startsWith('1.')", polling=OFTEN)
    visit.expect_query(step="1")
    words = page.locator(CHIPS).all_text_contents()
    # the words on top of the page are those of the player
    expect(page.locator(".line").nth(1).locator("bdi")).to_have_text(words[1:])
    other = visits()
    other.page.goto(page.url)
    settle(other.page, PATIENCE)
    expect(other.page.locator(CHIPS)).to_have_text(words)
    expect(other.page.locator(".count")).to_have_text(re.compile(" 1 /"))
    expect(other.page.locator(".says")).to_contain_text(t("player.reason_picked", "en", rank=4))
    assert other.errors == []
    other.leave()
    page.get_by_role("radio", name=t("rule_name.greedy", "en")).click()
    page.wait_for_function(
        "() => !['rule', 'picks'].some((name) => new URLSearchParams(location.search).has(name))", polling=OFTEN
    )


def test_a_tree_its_step_and_branch_and_the_dials_are_restored(visit: Visit, visits: Callable[..., Visit]) -> None:
    page = visit.go("search", lang="en", source=SOURCE)
    page.get_by_role("radiogroup", name=t("beam.width", "en")).get_by_role("radio", name="3").click()
    visit.expect_query(width="3")
    node = page.locator("svg .node.kept:not(.best)").first
    name = node.get_attribute("data-name") or ""
    node.click()
    visit.expect_query(node=name.removeprefix("node"))
    page.locator("[data-name=back]").first.click()
    page.wait_for_function("() => new URLSearchParams(location.search).has('tree')", polling=OFTEN)
    page.locator("[data-name=top_p]").fill("0.5")
    page.locator("[data-name=place1]").click()
    visit.expect_query(top_p="0.5", position="1")
    about, said = page.locator(".about").text_content(), page.locator(".told").text_content()
    count = page.locator(".count").first.text_content()
    other = visits()
    other.page.goto(page.url)
    settle(other.page, PATIENCE)
    expect(other.page.locator(".about")).to_have_text(about or "")
    expect(other.page.locator(".told")).to_have_text(said or "")
    expect(other.page.locator(".count").first).to_have_text(count or "")
    assert other.errors == []
    other.leave()
    open_menu(page, "unfold")
    page.wait_for_function(
        "() => !['tree', 'node', 'position'].some((name) => new URLSearchParams(location.search).has(name))"
    )
    visit.expect_query(top_p="0.5", width="3")  # the dials are the same on both pages
