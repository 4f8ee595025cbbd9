"""Texts to begin with, written for this project: files of assets/examples, by model."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ui.state.models import language_of
from ui.state.road import page_of_model, table_of

EXAMPLES = Path(__file__).resolve().parents[2] / "assets" / "examples"
SORTS = ("", "beginnings", "hidden")  # of texts that a model may have as its examples
ROAD = "road"  # one sentence travels the road in each language, past all of its models
PARTING_PAGE = "forcing"  # its examples are pairs that part


def examples(model: str) -> tuple[str, ...]:
    """Return texts that the model handles well; none for a model that is not bundled.

    Behind a tab stands what belongs to a text, as the words that it hides.
    """
    return own_examples(model) or (on_road(language_of(model)) if page_of_model(model) else ())


def own_examples(model: str) -> tuple[str, ...]:
    """Return those of `examples` that are for this model alone."""
    found = (example_file(sort, table_of(model)) for sort in SORTS)
    return _texts_of(next(filter(_is_ours, found), None))


def on_road(language: str) -> tuple[str, ...]:
    """Return the sentences that travel the road in a language, past all of its models; none if there are none."""
    path = example_file(ROAD, language)
    return _texts_of(path if _is_ours(path) else None)


def _texts_of(path: Path | None) -> tuple[str, ...]:
    lines = () if path is None else path.read_text(encoding="utf-8").splitlines()
    return tuple(line.partition("\t")[0] for line in lines)


def example_file(what: str, model: str) -> Path:
    """Return the file of examples of some sort for a model; twins share theirs, and many models have none.

    Args:
        what: the sort, e.g. "pairs"; "" for sentences.
        model: its name.
    """
    twin = model.removesuffix("-prenorm")
    return EXAMPLES / (f"{what}.{twin}.txt" if what else f"{twin}.txt")


@lru_cache(maxsize=64)
def _is_ours(path: Path) -> bool:
    """Whether a file is there and lies where examples lie: a name that comes from a browser is no path."""
    return path.parent == EXAMPLES and path.exists()


def parting_pairs(model: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of sentence and reference where the own words part; none for a model that is not bundled."""
    path = EXAMPLES / f"diverging.{model}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if _is_ours(path) else []
    return tuple((source, target) for source, _, target in (line.partition("\t") for line in lines))


def offered(model: str, page: str) -> dict[str, tuple[str, str]]:
    """Return the examples that a page offers, by what the menu says: the text, and a second one or ""."""
    if page == PARTING_PAGE:
        return {f"{source} → {target}": (source, target) for source, target in parting_pairs(model)}
    return {text: (text, "") for text in examples(model)}
