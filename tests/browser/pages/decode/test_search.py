"""The beam tree and the filters in a real Chromium: steps, clicks, keys, dials."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from figures.decode.choices import most_open
from tests.browser.conftest import Visit
from transformer_core.decoding.beam_tree import BeamTree
from transformer_core.decoding.rules import Beam, Sampling
from transformer_core.decoding.sampling import filter_logits
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

CHINESE = "我昨天看书"
_BARS = "(all) => all.map(({ dataset }) => [Number(dataset.before), Number(dataset.after)])"


def tree() -> BeamTree:
    found = get_model(DEFAULT_MODEL).decode(CHINESE, Beam(width=4)).tree
    assert found is not None
    return found


def test_the_tree_steps_back_and_forth_without_the_server(visit: Visit) -> None:
    page = visit.go("search", source=CHINESE, lang="en")
    steps, nodes = tree().steps, page.locator("svg .node")
    expect(nodes).to_have_count(1 + sum(len(step.branches) for step in steps[:2]))  # all at once are too much to begin
    page.keyboard.press("End")
    expect(nodes).to_have_count(1 + sum(len(step.branches) for step in steps))
    page.locator("[data-name=back]").click()
    expect(nodes).to_have_count(1 + sum(len(step.branches) for step in steps[:-1]))
    page.locator(".count").click()
    for key, n in (("Home", 1), ("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        expect(nodes).to_have_count(1 + sum(len(step.branches) for step in steps[:n]))
    expect(page.locator("svg .edge.dropped")).to_have_count(
        sum(branch.fate == "dropped" for step in steps[:2] for branch in step.branches)
    )


def test_a_click_and_enter_open_a_branch(visit: Visit) -> None:
    page = visit.go("search", source=CHINESE, lang="en")
    page.keyboard.press("End")
    branches, about = tree().branches, page.locator(".about")
    asked = next(b for b in branches if b.fate == "kept" and b.step == 2)
    glass = get_model(DEFAULT_MODEL)
    assert glass.target_tokenizer is not None
    page.locator(f"[data-name=node{asked.number}]").click()
    expect(about.locator(".sentence bdi")).to_have_text(list(glass.target_tokenizer.pieces(tree().ids(asked.number))))
    expect(about).to_contain_text(f"{asked.total:.3f}".replace("-", "−"))
    expect(about.locator(".bars.source .bar")).to_have_count(len(CHINESE) + 1)
    about.locator(".bars.source .name").nth(2).hover()
    expect(page.locator(".st-key-words .lit")).to_have_text([CHINESE[2]])
    below = next(b for b in branches if b.step == 2 and b.rank == asked.rank + 1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-name=node{below.number}]")).to_have_attribute("aria-pressed", "true")
    expect(about).to_contain_text(f"{below.total:.3f}".replace("-", "−"))
    expect(about.locator(".bars.source .bar")).to_have_count(len(CHINESE) + 1)


LONG = "我妈妈是老师，我爸爸是医生，我们都喜欢喝茶。"  # 21 steps
_FITS = """(scroll) => scroll.scrollWidth <= scroll.clientWidth
    && [...scroll.querySelectorAll("text")].every((word) => parseFloat(getComputedStyle(word).fontSize) >= 12)"""


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1280, "height": 720}}], indirect=True)
def test_twenty_steps_of_width_five_fit_a_projector(visit: Visit) -> None:
    page = visit.go("search", source=LONG, width=5, lang="en")
    found = get_model(DEFAULT_MODEL).decode(LONG, Beam(width=5)).tree
    assert found is not None
    assert len(found.steps) >= 20
    scroll, nodes = page.locator(".scroll:has(svg)"), page.locator("svg .node")
    page.keyboard.press("End")
    assert scroll.evaluate(_FITS)
    expect(nodes).to_have_count(1 + len(found.branches))
    led = {branch.parent for branch in found.branches if branch.fate != "dropped"}
    over = [b for b in found.branches if b.step < len(found.steps) - 1 and b.fate != "finished"]
    expect(page.locator("svg .node.dot")).to_have_count(sum(b.number not in led for b in over))
    dead = next(b for b in over if b.number not in led and b.step == 2)
    dot = page.locator(f"[data-name=node{dead.number}]")
    expect(dot.locator("text")).to_be_hidden()
    dot.click()
    expect(dot.locator("text")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(dot).to_be_focused()
    page.keyboard.press("Home")  # the branch is not there yet: another one gets the focus
    expect(page.locator("svg .node:focus")).to_have_count(1)
    page.locator("[data-name=words]").click()
    expect(page.locator("svg .node.dot")).to_have_count(0)
    page.keyboard.press("End")
    expect(nodes).to_have_count(1 + len(found.branches))
    visit.expect_query(branches="words")
    page.wait_for_timeout(300)  # the answer of the server draws the tree anew
    assert scroll.evaluate("(scroll) => scroll.scrollLeft > 0 && scroll.scrollWidth > scroll.clientWidth")


@pytest.mark.parametrize("rule", [Sampling(temperature=0.7, top_k=5, top_p=0.6), Sampling(temperature=3, top_p=0.95)])
def test_the_filters_are_those_of_the_core(visit: Visit, rule: Sampling) -> None:
    page = visit.go("search", source=CHINESE, lang="en")
    trace = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
    page.locator("[data-name=temperature]").fill(str(rule.temperature))
    page.locator("[data-name=top_k]").fill("4" if rule.top_k else "12")
    page.locator("[data-name=top_p]").fill(str(rule.top_p))
    wanted = filter_logits(trace["head.logits"][most_open(trace)], rule)
    shown = wanted.order[:20]
    bars = np.array(page.locator(".bars .bar:not(.head)[data-after]").evaluate_all(_BARS))
    np.testing.assert_allclose(bars[:, 0], wanted.before[shown], rtol=1e-6)
    np.testing.assert_allclose(bars[:, 1], wanted.after[shown], rtol=1e-6)
    expect(page.locator(".told")).to_contain_text(f"{wanted.n_top_p} of {len(wanted.order)}")


def test_another_position_and_other_seeds_are_asked_for(visit: Visit) -> None:
    page = visit.go("search", source=CHINESE, lang="en")
    page.locator("[data-name=place2]").click()
    expect(page.locator("[data-name=place2]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-name=more]").click()
    expect(page.locator(".who")).to_have_text(
        [t("choices_words.greedy", "en"), *(t("choices_words.seed", "en", n=n) for n in range(5, 10))]
    )
    expect(page.locator("[data-name=place2]")).to_have_attribute("aria-pressed", "true")
