"""Every number of the bundled models, worked out again: `python examples/every_number.py`.

Ten sentences go through each model. Every value of every pass is recomputed from its inputs, and cells drawn at random
are taken apart into the numbers that made them, which must add up.
"""

import math
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np

from transformer_core import Cell, Trace, difference, find_formula, load_model
from transformer_core.models.files import road_models

SENTENCES = {
    "zh-en": "zh-en.txt",
    "en-fr": "en-fr.txt",
    "zh-en-prenorm": "zh-en.txt",
    "stories-en": "beginnings.stories-en.txt",
    "stories-llama": "beginnings.stories-llama.txt",
    "words-en": "hidden.words-en.txt",
}  # those of the road share the sentences of the language that they read
TOLERANCE = 1e-5  # of the largest number of the site, terms without signs; the models compute in float32


def worked_out(cell: Cell) -> float:
    """A cell's value from the numbers that it shows as its inputs, without a look at its terms, value or total."""
    operation, singles = cell.operation.name, [float(single.values[0]) for single in cell.singles]
    if operation == "given":
        return cell.value
    if operation == "compare":
        first, second = singles
        return float(first != second if cell.singles[0].key else second <= first)  # an id and padding, or positions
    if not cell.axis:
        return float(cell.operation.compute(*singles))
    if operation == "meet":
        return math.fsum(cell.operation.compute(*(factor.values for factor in cell.factors)))
    terms = np.prod([factor.values for factor in cell.factors], axis=0)
    if operation == "softmax":
        exponentials = np.exp(terms - terms.max())
        return float(exponentials[cell.index[-1]] / exponentials.sum())
    if cell.key.endswith(".mean"):
        return math.fsum(terms) * singles[0]
    if cell.key.endswith((".mean_square", ".var")):
        *mean, one = singles
        return math.fsum((terms - sum(mean)) ** 2) * one
    return math.fsum([*terms, *singles])


def explained(cell: Cell, scale: float) -> bool:
    """Whether the numbers that a cell shows make the number that the model computed."""
    answers = (worked_out(cell), cell.total)
    if not math.isfinite(cell.value):
        return all(answer == cell.value for answer in answers)
    return all(abs(answer - cell.value) <= TOLERANCE * scale for answer in answers)


def check(trace: Trace, n_cells: int, rng: np.random.Generator) -> tuple[list[float], int]:
    """How far each recomputed site of a trace is from the traced one, and how many cells of each are explained."""
    n_explained = 0
    for key, value in trace.items():
        formula = find_formula(trace.plan, key)
        scale = formula.scale(trace)
        for _ in range(n_cells):
            cell = tuple(int(rng.integers(n)) for n in value.shape)
            n_explained += explained(formula.terms(trace, cell), scale)
    return [difference(trace, key) for key in trace], n_explained


def row(name: str, n_sentences: int, n_cells: int) -> str:
    """The line of the table for one model."""
    glass, rng = load_model(name), np.random.default_rng(0)
    read = glass.source_tokenizer or glass.target_tokenizer
    sentences = SENTENCES.get(name, f"road.{read.language}.txt")
    lines = (ROOT / "assets" / "examples" / sentences).read_text(encoding="utf-8").strip().split("\n")
    traces = [glass.trace(line.split("\t")[0]) for line in lines[:n_sentences]]
    found = [check(trace, n_cells, rng) for trace in traces]
    differences = np.array([differences for differences, _ in found])  # [sentence, site]
    n_sites = differences.shape[1]
    n_recomputed = int((differences <= TOLERANCE).all(axis=0).sum())
    n_explained = sum(n for _, n in found)
    return (
        f"| {name} | {len(traces)} | {n_sites} | {n_recomputed} of {n_sites} | {differences.max():.1e} "
        f"| {n_explained} of {len(traces) * n_sites * n_cells} |"
    )


def main(n_sentences: int = 10, n_cells: int = 20) -> None:
    """Print the table."""
    print("| model | sentences | sites | sites recomputed | worst relative difference | cells explained |")
    print("|---|---|---|---|---|---|")
    for name in (*SENTENCES, *road_models()):
        print(row(name, n_sentences, n_cells), flush=True)


if __name__ == "__main__":
    main()
