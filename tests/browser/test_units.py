"""The parts of the components that only compute, each by itself in a real Chromium: no app, no Node."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from figures.base.heatmaps.cells import packed_cells
from figures.base.spread import spread
from figures.base.theme import theme
from figures.decode.unfold_wire import packed
from tests.browser.playing import data
from tests.browser.units import given, page_of_modules
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from transformer_core.glass.formula.operations import softmax


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with page_of_modules(browser) as page:
        yield page


def floats(values: Any) -> str:
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [(1.25, 1, "1.3"), (-0.004, 2, "0.00"), (-1.5, 2, "−1.50"), (0, 3, "0.000"), (1e6, 0, "1000000")],
)
def test_a_number_has_a_real_minus_and_zero_no_sign(page: Page, x: float, digits: int, text: str) -> None:
    assert given(page, "shared/draw/numbers", "return m.decimals(...x);", [x, digits]) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0, "< 0.1 %"), (0.001, "0.1 %"), (0.25, "25.0 %"), (0.9995, "100 %"), (0.9994, "99.9 %")]
)
def test_a_share_is_told_in_percent(page: Page, p: float, text: str) -> None:
    assert given(page, "shared/draw/numbers", "return m.percent(x);", p) == text


@pytest.mark.parametrize(("x", "text"), [(0, "0"), (123.4, "123"), (-2.345, "−2.3"), (0.02, "0.02"), (0.0012, "1e−3")])
def test_a_number_of_an_axis_is_short(page: Page, x: float, text: str) -> None:
    assert given(page, "shared/draw/numbers", "return m.short(x);", x) == text


def test_floats_are_read_from_base64(page: Page) -> None:
    assert given(page, "shared/draw/numbers", "return [...m.floats(x)];", floats([1.5, -2, 0])) == [1.5, -2, 0]


@pytest.mark.parametrize(("n", "least"), [(3, 0), (131, 0), (131, -1)])
def test_the_heatmap_unpacks_what_was_packed(page: Page, n: int, least: int) -> None:
    values = np.random.default_rng(n).uniform(least, 1, (n, n + 1)).astype(np.float32)
    allowed = np.tri(n, n + 1, 1, dtype=bool)
    values[1, :2] = np.nan, 0
    told = {"rows": n, "columns": n + 1, **packed_cells(values, allowed, 0, 1)}
    assert ("parts" not in told) == (n == 3)
    body = "const all = m.cellsOf(x, x.rows * x.columns); return [all instanceof Float32Array, [...all].map(String)];"
    plain, found = given(page, "heatmap/cells", body, told)
    cells = np.array([float(text.replace("Infinity", "inf")) for text in found]).reshape(values.shape)
    assert plain
    np.testing.assert_allclose(cells, unpacked_cells(told), rtol=1e-7)


def test_colours_lie_on_their_scale_and_have_a_readable_ink(page: Page) -> None:
    body = """
      const steps = x.scale.map((hex, i) => [i / (x.scale.length - 1), m.channels(hex)]);
      const inks = m.inksOf((name) => x[name]);
      return x.shares.map((share) => { const tone = m.along(steps, share);
        const ink = m.inkOn(inks, tone), [low, high] = [m.brightness(tone), ink.light].sort((a, b) => a - b);
        return [tone, ink.name, (high + 0.05) / (low + 0.05)];
      });
    """
    for mode in ("light", "dark"):
        colours, shares = theme(mode), [-1, 0, 0.1, 0.2, 0.5, 0.617, 0.99, 1, 2]
        scale = np.array([[int(hex[i : i + 2], 16) for i in (1, 3, 5)] for hex in colours.weights])
        about = {"scale": colours.weights, "text": colours.text, "background": colours.background, "shares": shares}
        found = given(page, "shared/draw/colours", body, about)
        at = np.clip(shares, 0, 1) * 5
        wanted = np.stack([np.interp(at, range(6), scale[:, i]) for i in range(3)], axis=1)
        np.testing.assert_allclose([tone for tone, *_ in found], wanted, atol=1e-9)
        assert [ink for _, ink, _ in found][1] == "text"
        assert [ink for _, ink, _ in found][-1] == "background"
        assert min(contrast for *_, contrast in found) >= 4.5


def test_what_takes_arrow_keys_is_one_list(page: Page) -> None:
    body = """
      return Object.fromEntries(x.map((html) => {
        document.body.innerHTML = html;
        document.body.firstElementChild.focus();
        return [html, m.isFree(new KeyboardEvent("keydown", { key: "ArrowRight" }))];
      }));
    """
    takes = [
        "<input>",
        "<input type=range>",
        "<textarea></textarea>",
        "<select></select>",
        "<div role=tab tabindex=0></div>",
    ]
    frees = ["<button></button>", "<a href='#'>a</a>", "<input type=range data-name=slider>"]
    assert given(page, "shared/input/keys", body, takes + frees) == {
        **dict.fromkeys(takes, False),
        **dict.fromkeys(frees, True),
    }
    body = "return m.isFree(new KeyboardEvent('keydown', { key: 'ArrowRight', ctrlKey: true }));"
    assert given(page, "shared/input/keys", body) is False


def test_a_spread_is_a_softmax_of_all_words_however_they_are_counted(page: Page) -> None:
    logits, counts = np.array([3.0, 1.0, 0.5, -2.0]), np.array([1, 1, 3, 40])
    every = np.repeat(logits, counts)
    for degree in (0.1, 1.0, 3.0):
        body = """
          const spread = new m.Spread(x), { share, entropy } = spread.softmax(x.degree);
          return [spread.words, x.asked.map(share), entropy, spread.sum(4, share), spread.reach(0.9, 45, share)];
        """
        told = {"logits": floats(logits), "counts": floats(counts), "degree": degree, "asked": logits.tolist()}
        words, shares, entropy, best, reach = given(page, "shared/draw/spread", body, told)
        p = np.exp((every - every.max()) / degree)
        p /= p.sum()
        logs = np.log(p, where=p > 0, out=np.zeros_like(p))
        assert words == 45
        np.testing.assert_allclose(shares, [p[every == logit][0] for logit in logits], rtol=1e-5)
        assert entropy == pytest.approx(-(p * logs).sum(), abs=1e-6)
        assert best == pytest.approx(p[:4].sum(), rel=1e-5)
        assert reach == np.searchsorted(np.cumsum(p), 0.9) + 1


@pytest.mark.parametrize(("degree", "p", "k"), [(1.0, 0.9, 50257), (3.0, 0.9, 50257), (0.5, 0.5, 40), (3.0, 1.0, 2000)])
def test_of_a_large_vocabulary_the_summary_says_the_same(page: Page, degree: float, p: float, k: int) -> None:
    body = """
      const found = new m.Spread(x.spread), { share, entropy } = found.softmax(x.degree);
      const nP = found.reach(x.p * found.sum(x.k, share), x.k, share);
      return [found.words, share(x.logit), entropy, nP, found.sum(nP, share)];
    """
    logits = np.random.default_rng(0).normal(size=50257).astype(np.float32) * 3
    probs = np.sort(softmax(logits.astype(np.float64) / degree))[::-1]
    sent = {"spread": spread(logits), "logit": float(logits.max()), "degree": degree, "p": p, "k": k}
    words, share, entropy, n_p, mass = given(page, "shared/draw/spread", body, sent)
    assert words == len(logits)
    assert share == pytest.approx(probs[0], rel=1e-3)
    assert entropy == pytest.approx(-(probs * np.log(probs)).sum(), abs=1e-3)
    reached = np.cumsum(probs[:k]) / probs[:k].sum()
    assert n_p == pytest.approx(np.searchsorted(reached, p - 1e-9) + 1, rel=2e-3)
    assert mass == pytest.approx(probs[: int(n_p)].sum(), rel=1e-3)


def test_the_player_unpacks_what_was_packed(page: Page) -> None:
    told = data()
    found = given(page, "player/wire", "return m.unpacked(x);", json.loads(json.dumps(packed(told, None))))
    assert [word["text"] for word in found["written"]] == [word["text"] for word in told["written"]]
    assert len(found["steps"]) == len(told["steps"])
    for step, (one, other) in enumerate(zip(found["steps"], told["steps"], strict=True)):
        np.testing.assert_allclose(one["own"], other["own"][: step + 1], atol=1e-4)
        np.testing.assert_allclose(one["cross"], other["cross"], atol=1e-4)
        assert one["mask"] == [bool(open_) for open_ in other["mask"]]
        assert [row["id"] for row in one["candidates"]] == [row["id"] for row in other["candidates"]]
        assert one["chosen"]["id"] == other["chosen"]["id"]


_TWICE = """
  const told = [], host = document.createElement("div");
  self.gf = { lost: "it is lost" };
  document.body.append(host);
  const parentElement = host.attachShadow({ mode: "open" });
  const draw = m.mounted(class {
    constructor(root) { told.push(`made ${root.className}`); }
    show(data) { told.push(`show ${data.n}`); }
    close() { told.push("close"); }
  }, new URL(x, location).href);
  const called = (n, mode) => draw({ data: JSON.stringify({ n, mode }), parentElement, setTriggerValue() {} });
  const first = called(1, "light"), second = called(2, "dark");
  told.push("asked");
  const come = () => parentElement.adoptedStyleSheets.length || parentElement.textContent;
  while (!come()) await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done));
  first();
  second();
  told.push("one after the other gone");
  host.remove();
  second();
  return [told, parentElement.textContent];
"""


def test_a_place_waits_for_its_styles_and_is_closed_only_by_the_end_of_its_newest_data(page: Page) -> None:
    told, _ = given(page, "shared/mount/component", _TWICE, "/shared/draw/base.js")
    assert told == ["asked", "made gf dark", "show 2", "one after the other gone", "close"]
    told, _ = given(page, "shared/mount/component", _TWICE, "/shared/draw/base.js")  # now they are here
    assert told == ["made gf light", "show 1", "show 2", "asked", "one after the other gone", "close"]


def test_a_place_without_its_styles_says_so(page: Page) -> None:
    assert given(page, "shared/mount/component", _TWICE, "/none.js") == [
        ["asked", "one after the other gone"],
        "it is lost",
    ]
