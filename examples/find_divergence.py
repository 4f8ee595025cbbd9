"""Pairs of sentence and reference where own words lead away: `python examples/find_divergence.py`.

Every reference of assets/examples/references.*.txt, written for this project to say the same in other words, goes
through teacher forcing and beside it through greedy decoding. Kept are, for each sentence, the pair with the largest
change of the loss behind the place where the inputs part, if it is a change at all; written for each bundled
translator to assets/examples/diverging.<model>.txt, the largest first.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from transformer_core import compare, load_model
from transformer_core.decoding.forcing import Comparison
from transformer_core.models.files import bundled_models

EXAMPLES = ROOT / "assets" / "examples"
LEAST = 0.5  # nats per word
KEPT = 8
MIN_WORDS = 3  # behind the parting: fewer show little


def change(comparison: Comparison) -> float:
    """By how many nats per word the loss on own words is away from that on the right words, once the inputs part."""
    start = comparison.inputs_part
    if start is None:
        return 0.0
    own, forced = comparison.own_losses[start:], comparison.forced.losses[start:]
    both = own == own  # NaN behind the model's own end
    return float(abs(own[both] - forced[both]).mean()) if both.sum() >= MIN_WORDS else 0.0


def search(model: str) -> list[tuple[float, str, str]]:
    """The pairs that are kept for a model, with their change."""
    glass = load_model(model)
    lines = (EXAMPLES / f"references.{model.removesuffix('-prenorm')}.txt").read_text(encoding="utf-8").splitlines()
    best: dict[str, tuple[float, str, str]] = {}
    for line in lines:
        source, reference = line.split("\t")
        found = change(compare(glass, source, reference))
        if found >= LEAST and found > best.get(source, (0.0,))[0]:
            best[source] = (found, source, reference)
    return sorted(best.values(), reverse=True)[:KEPT]


def main() -> None:
    """Search for every bundled translator, write what was found, and print it."""
    for model in bundled_models():
        if "translates" not in load_model(model).abilities:
            continue
        pairs = search(model)
        text = "".join(f"{source}\t{reference}\n" for _, source, reference in pairs)
        (EXAMPLES / f"diverging.{model}.txt").write_text(text, encoding="utf-8")
        for found, source, reference in pairs:
            print(f"{model}  {found:.2f} nats per word  {source}  {reference}")


if __name__ == "__main__":
    main()
