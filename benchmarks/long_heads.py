"""Another head and a cell of 12 x 12 heads, in a real browser, times the floor; `python -m benchmarks.long_heads`.

The model is random and has GPT-2's heads, layers and number of tokens, in a stream of 96 in place of 768 dimensions: a
picture of attention costs the same for any width, and the one pass comes before the first click. Clicks on both pages
that show a head take turns with the floor, an empty fragment in the same browser.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import torch
from playwright.sync_api import Browser

from benchmarks.pictures.overview import D_HEAD
from benchmarks.results import Row, table
from benchmarks.shapes import GPT2_LONG
from benchmarks.startup import CELL, FLOOR, GOALS, HEAD, Clicks, Visitor, beside_floor
from benchmarks.timing import summary
from tests.browser.app import running_browser, running_server
from transformer_core.models.files import save_model
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

ONE = "one head: another head"
ROWS = {HEAD: ("long-heads", GOALS[HEAD]), ONE: ("long-head", GOALS[HEAD]), CELL: ("long-cell", GOALS[CELL])}  # goals
WORDS = [f"{first}{second}" for first in "bdfk" for second in ("a", "e", "i", "o", "u")]
NAME = "long"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_heads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="clicks of each kind (10)")
    parser.add_argument(
        "--tokens", type=int, nargs="+", default=[128, GPT2_LONG.n_tokens], help="of the text (128 512)"
    )
    options = parser.parse_args(arguments)
    for n_tokens in options.tokens:
        with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
            save_long_model(Path(folder), n_tokens)
            clicks = click_around(Path(folder), browser, options.rounds, n_tokens)
        print(f"{table(goal_rows(clicks, n_tokens))}\n")
        for what, cost in clicks.items():
            print(f"{what:<28}{summary(cost.painted).middle:8.0f} ms painted{max(cost.kilobytes):10.1f} kB")
        print(flush=True)


def text(n_tokens: int = GPT2_LONG.n_tokens) -> str:
    """Return a text of so many tokens with the sign in front."""
    return " ".join(WORDS[i * i % len(WORDS)] for i in range(n_tokens - 1))


def save_long_model(folder: Path, n_tokens: int = GPT2_LONG.n_tokens) -> None:
    """Write the model where the app under measurement looks for its models."""
    tokenizer = Tokenizer.train_bpe([" ".join(WORDS)] * 3, 420, language="en")
    torch.manual_seed(0)
    config = TransformerConfig(
        architecture="decoder-only",
        order="pre",
        d_model=GPT2_LONG.n_heads * D_HEAD,
        attention=AttentionConfig(GPT2_LONG.n_heads),
        feed_forward=FeedForwardConfig(4 * GPT2_LONG.n_heads * D_HEAD),
        n_decoder_layers=GPT2_LONG.n_layers,
        target_vocab_size=tokenizer.vocab_size,
        max_length=n_tokens,
    )
    save_model(folder / NAME, Transformer(config).eval(), None, tokenizer)


def click_around(folder: Path, browser: Browser, rounds: int, n_tokens: int = GPT2_LONG.n_tokens) -> dict[str, Clicks]:
    """Return the cost of every kind of click, one of each kind per round; two rounds before them only warm up."""
    view = {"lang": "en", "model": NAME, "source": text(n_tokens), "stack": "decoder", "block": "self_attn"}
    view |= {"layer": "0", "head": "0", "stage": "weights"}
    little = "tests/browser/little_app.py"
    with (
        running_server(folder, little, MODELS_UNDER_TEST=str(folder)) as app,
        running_server(folder, "benchmarks/app/empty_app.py") as empty,
    ):
        idler = Visitor(browser, empty)
        all_heads, one_head = Visitor(browser, app, "heads", **view), Visitor(browser, app, "attention", **view)
        clicks: dict[str, Clicks] = defaultdict(Clicks)
        for n in beside_floor(idler, (all_heads, one_head), clicks, rounds):
            head = 1 + n % (GPT2_LONG.n_heads - 1)
            all_heads.open_head(clicks[HEAD], head)
            one_head.choose_head(clicks[ONE], head, f"new URLSearchParams(location.search).get('head') === '{head}'")
            row = n_tokens // 2 + 8 * (n % 2)  # not the next one: a cell may be smaller than a pixel
            one_head.explain_cell(clicks[CELL], row, n_tokens // 4)
    return clicks


def goal_rows(clicks: dict[str, Clicks], n_tokens: int = GPT2_LONG.n_tokens) -> list[Row]:
    """Return how long each kind of click takes, times the floor of the same round."""
    size = f"{GPT2_LONG.n_layers} x {GPT2_LONG.n_heads} heads, {n_tokens} tokens"
    found = []
    for what, (key, goal) in ROWS.items():
        pairs = zip(clicks[what].painted, clicks[FLOOR].painted, strict=True)
        found.append(
            Row(key, f"{what}, painted / the floor: {size}", goal, summary([one / other for one, other in pairs]))
        )
    return found


if __name__ == "__main__":
    main()
