"""Take pictures of every page, to be looked at: `python -m tests.screenshots FOLDER`.

English and Chinese, light and dark, wide and narrow, short and long sentences.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.app import Console, Server, running_browser, running_server, settle

SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 375, "height": 812}}
LONG = "我昨天晚上在图书馆看了一本很有意思的书，今天早上没有按时起床，所以妈妈非常生气。"
ENGLISH = {"source": "The little girl had a small brown dog."}
VIEWS: dict[str, dict[str, object]] = {
    "map": {},
    "map_long": {"source": LONG},
    "map_longest": {"source": (LONG * 2)[:60], "target": "I had a very interesting book. " * 8},
    "map_uneven": {"source": "我有一只猫", "target": "I had a very interesting book. " * 8},
    "embedding": {"page": "embedding", "stage": "pos"},
    "order": {"page": "embedding", "stage": "order"},
    "weights": {"page": "attention"},
    "qkv": {"page": "attention", "stage": "q"},
    "raw": {"page": "attention", "stage": "scores_raw", "cell": "3,1"},
    "masked": {"page": "attention", "stack": "decoder", "block": "self_attn", "stage": "scores"},
    "encoder": {"page": "attention", "stack": "encoder", "block": "self_attn", "layer": 0, "head": 0},
    "heads_side": {"page": "attention", "stage": "heads"},
    "writes": {"page": "attention", "stage": "out"},
    "norm": {"page": "layer", "stage": "ln1"},
    "units": {"page": "layer", "stage": "act"},
    "logits": {"page": "output", "stage": "logits"},
    "layers": {"page": "output", "stage": "layers"},
    "long": {"page": "attention", "source": LONG},
    "unseen": {"page": "attention", "source": "我<b>😀</b>$x$ 猫 猫 猫"},
    "forced": {"page": "attention", "source": "我有一只猫", "target": "I have a dog."},
    "empty": {"page": "attention", "source": " "},
    "french": {"model": "en-fr", "source": "I didn't sleep well, and the o'clock 1987 <s> said {0}."},
    "heads": {"page": "heads", "source": "汤姆昨天买了一本书。"},
    "heads_lines": {"page": "heads", "source": "猫喝茶", "look": "lines", "shown": "carried", "scale": "common"},
    "heads_long": {"page": "heads", "source": LONG, "stack": "encoder", "block": "self_attn", "over": "set"},
    "heads_compare": {"page": "heads", "source": "我有一只猫", "compare": "sentence", "beside_source": "我有一只狗"},
    "unfold": {"page": "unfold", "step": 3},
    "unfold_long": {"page": "unfold", "source": LONG, "step": 8, "average": 0, "head": 1},
    "unfold_longest": {"page": "unfold", "source": (LONG * 2)[:60], "target": "the cat " * 30, "step": 40, "layer": 1},
    "forcing": {
        "page": "forcing",
        "source": "我喜欢喝茶，但是我妹妹更喜欢咖啡。",
        "target": "I like tea, but my sister prefers coffee.",
    },
    "search": {"page": "search"},
    "fill": {"page": "fill", "model": "words-en", "source": "She [MASK] a book on the [MASK]."},
    "search_long": {"page": "search", "source": LONG, "width": 5},
    "masks": {
        "page": "masks",
        "source": "汤姆昨天买了一本书。",
        "stack": "decoder",
        "block": "self_attn",
        "mask": "none",
    },
    "masks_long": {"page": "masks", "source": LONG, "stack": "encoder", "block": "self_attn", "mask": "window-3"},
    "credits": {"page": "credits"},
    "road": {"page": "road"},
    "road_english": {"page": "road", **ENGLISH},
    "counts": {"page": "counts", **ENGLISH},
    "chain": {"page": "counts", "model": "ngram-en~3~add_k~1", "stage": "chain", **ENGLISH},
    "table": {"page": "table", **ENGLISH},
    "context": {"page": "context"},
    "what_if": {"page": "what_if", "source": "汤姆昨天买了一本书。", "edits": "off:decoder.2.cross_attn:0"},
    "what_if_long": {"page": "what_if", "source": LONG, "edits": "no_residual:encoder.0.add1", "run": "difference"},
    "unfold_forced": {"page": "unfold", "source": "我有一只猫", "target": "I have two dogs.", "step": 2},
}


def main(folder: Path, only: set[str]) -> None:
    """Write one PNG per view, language, theme and size into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(folder) as server, running_browser() as browser:
        for view, lang, theme, size in product(VIEWS, ("en", "zh"), ("light", "dark"), SIZES):
            name = f"{view}-{lang}-{theme}-{size}"
            if not only or name in only or view in only:
                take(server, browser, folder / f"{name}.png", {"lang": lang, **VIEWS[view]}, theme, size)
        print(*server.errors(), sep="\n")


def take(server: Server, browser: Browser, path: Path, query: dict[str, object], theme: str, size: str) -> None:
    """Write one picture; print what the console complained about."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    console = Console(page)
    page.goto(server.link(str(query.pop("page", "")), **query))
    settle(page)
    page.wait_for_timeout(1500)  # fonts and chart transitions
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": SIZES[size]["width"], "height": min(int(height) + 20, 6000)})
    page.wait_for_timeout(700)
    page.screenshot(path=path)
    print(path.name, *console.errors)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
