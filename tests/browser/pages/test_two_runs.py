"""Pictures that follow from a run, in the difference view in a real Chromium: two runs, and back to one."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from tests.browser.app import unfold
from tests.browser.conftest import Visit
from tests.browser.maps import click_cell
from transformer_core.glass.trace import Trace
from ui.frame.text import t
from ui.state.models import Asked, get_trace

SOURCE, EDITS = "我有一只猫", "no_residual:encoder.0.add1"
_WIDTHS = (
    "(bars) => bars.map((bar) => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width)"
)


def both() -> list[Trace]:
    return [get_trace(Asked("zh-en", SOURCE, "", edits)) for edits in (EDITS, "")]


def test_probabilities_are_outlined_and_subtracted_until_one_run_is_chosen(visit: Visit) -> None:
    page = visit.go("output", lang="en", source=SOURCE, edits=EDITS, run="difference", cell="0,4")
    edited, original = (run["head.probs"][0].astype(float) for run in both())
    best = np.argsort(-edited, kind="stable")[:10]
    for kind, shares in (("fill", edited), ("before", original)):
        widths = page.locator(f".bars .{kind}").evaluate_all(_WIDTHS)
        np.testing.assert_allclose(widths[:3], shares[best][:3], atol=0.02)
    first = page.locator("[class*=st-key-output-top_words] td").first
    points = f"{100 * (edited - original)[best[0]]:+.1f}".replace("-", "−")
    expect(first.locator(".share")).to_have_text(points)
    expect(page.locator("[class*=st-key-output-top_words] .legend")).to_have_text(
        t("top_words_grid.legend_signed", "en")
    )
    unfold(page, "edits_chip")
    page.locator(".run", has_text=t("edit_run.edited", "en")).click()
    expect(first.locator(".share")).to_have_text(f"{100 * edited[best[0]]:.1f} %")
    expect(page.locator(".bars .before")).to_have_count(0)


def test_a_click_on_a_subtracted_picture_opens_the_cell_and_both_runs_have_bars(visit: Visit) -> None:
    page = visit.go(
        "layer", lang="zh", source=SOURCE, edits=EDITS, run="difference", stack="encoder", layer=0, stage="act"
    )
    units = page.locator(".st-key-units")
    edited, original = ((run["encoder.0.ffn.act"] == 0).mean(axis=1) for run in both())
    expect(units.locator("rect.before")).to_have_count(len(edited))
    expect(units.locator(".total").first).to_have_text(f"{100 * original[0]:.0f} % → {100 * edited[0]:.0f} %")
    click_cell(page, 0, 0, "units")
    expect(page.locator(".compared")).to_contain_text(t("edit_run.compared", "zh").partition("{")[0].strip())
    visit.expect_query(site="encoder.0.ffn.act", run="difference")
