"""Where the heads of a model look, over many texts: `python examples/head_census.py stories-en stories.dev.txt`.

For each measure of heads the strongest ones, with the mean over the texts; a text that is too long counts up to where
the model's view ends. The table is Markdown.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np

from transformer_core import Glass, Head, HeadTable, Trace, load_model
from transformer_core.studies.heads.head_table import over

SHARES = ("previous", "same", "first", "twins", "induction", "next", "separator")


def beginning(glass: Glass, text: str) -> str:
    """As much of a text as the model reads at once, whole words."""
    side, words = glass.task.side, text.split()
    while len(side.tokenizer.encode(" ".join(words))) > side.limit:
        words = words[: max(1, len(words) * side.limit // len(side.tokenizer.encode(" ".join(words))))][:-1]
    return " ".join(words)


def census(glass: Glass, texts: list[str]) -> HeadTable:
    """The measures of all heads over texts."""
    traces: list[Trace] = [glass.trace(beginning(glass, text)) for text in texts]
    return over(traces)


def named(head: Head) -> str:
    """The block and the number of a head, as in a key."""
    return f"`{head.block}` {head.index}"


def lines(table: HeadTable, best: int) -> list[str]:
    """A line for each measure that the model's heads have."""
    found = []
    for name in SHARES:
        values = table.values[name]
        order = [int(i) for i in np.argsort(-np.nan_to_num(values, nan=-1)) if not np.isnan(values[i])][:best]
        if order:
            heads = ", ".join(f"{named(table.heads[i])} ({values[i]:.2f})" for i in order)
            found.append(f"| {name} | {heads} | {np.nanmean(values):.2f} |")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a bundled model or a model's folder")
    parser.add_argument("texts", type=Path, help="a file with one text a line")
    parser.add_argument("--best", type=int, default=3, help="heads a measure (default: %(default)s)")
    given = parser.parse_args()
    texts = [line for line in given.texts.read_text(encoding="utf-8").splitlines() if line.strip()]
    print(
        f"{len(texts)} texts\n\n| measure | strongest heads, mean over the texts | mean of all heads |\n|---|---|---|"
    )
    print("\n".join(lines(census(load_model(given.model), texts), given.best)))


if __name__ == "__main__":
    main()
