"""The table of where a model's heads look, by the command that the cards name."""

from __future__ import annotations

import re

import numpy as np
import pytest

from examples.head_census import beginning, census, lines
from transformer_core.models.files import load_model

TEXTS = ["The cat saw the other cat.", "She went to the park and she played."]


@pytest.mark.parametrize("model", ["stories-en", "words-en"])
def test_the_strongest_heads_are_those_of_the_weights(model: str) -> None:
    glass = load_model(model)
    stack = "decoder" if model == "stories-en" else "encoder"
    means = []
    for text in TEXTS:
        trace = glass.trace(text)
        weights = np.concatenate([trace[f"{stack}.{i}.self_attn.weights"] for i in range(4)])  # [16, Q, K]
        rows = range(1, weights.shape[1])
        means.append(np.mean([weights[:, q, q - 1] for q in rows], axis=0))
    previous = np.mean(means, axis=0)
    best = int(previous.argmax())
    line = next(line for line in lines(census(glass, TEXTS), 1) if line.startswith("| previous"))
    assert f"`{stack}.{best // 4}.self_attn` {best % 4} " in line
    (shown, mean) = re.findall(r"\d\.\d\d", line)
    assert float(shown) == pytest.approx(previous[best], abs=0.006)
    assert float(mean) == pytest.approx(previous.mean(), abs=0.006)


def test_a_long_text_counts_as_far_as_the_view_goes() -> None:
    glass = load_model("stories-en")
    text = "One day the little mouse went to the big house. " * 40
    kept = beginning(glass, text)
    n = len(glass.read_ids(kept))
    assert text.startswith(kept)
    assert glass.task.side.limit - 20 < n <= glass.config.max_length
    assert beginning(glass, TEXTS[0]) == TEXTS[0]
