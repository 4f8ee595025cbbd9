"""A model says when it is not sure of what it wrote, by the probabilities of its own words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from transformer_core.glass.errors import ConfigError
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.models.doubt import DOUBT, MEASURES, DoubtRule, Surprise, surprise
from transformer_core.models.files import load_model, save_model
from transformer_core.training.classroom.doubt import Labelled

SURE, UNSURE = "He is sleeping.", "The knight sharpened his rusty halberd."


@pytest.mark.parametrize(
    ("name", "sure", "unsure"), [("en-fr", SURE, UNSURE), ("zh-en", "他每天喝茶。", "骑士磨快了他生锈的长戟。")]
)
def test_a_translation_and_its_trace_doubt_the_same_words(name: str, sure: str, unsure: str) -> None:
    glass = load_model(name)
    assert glass.doubt is not None
    for text in (sure, unsure):
        written, trace = glass.translate(text), glass.trace(text)
        assert written.doubted == glass.doubted(trace)
        assert written.doubtful == (text == unsure)
        # the probability of the whole text, by another way
        found = surprise(glass.target_tokenizer, written.ids, trace["head.logits"])
        assert found.pieces.sum() == pytest.approx(-glass.score(text, written.text).log_prob, abs=1e-3)
        assert found.words.sum() == pytest.approx(found.pieces.sum())
        assert (MEASURES[glass.doubt.measure](found) > glass.doubt.above) == (text == unsure)
    glass.doubt = None
    assert not glass.translate(unsure).doubtful


def test_the_doubted_words_carry_the_doubt() -> None:
    found = Surprise(((0, 1), (1, 3), (3, 4)), np.array([0.1, 0.4, 0.8, 0.3]), np.zeros(4))
    assert DoubtRule("mean_word", 0.5).doubted(found) == ((1, 3),)
    assert DoubtRule("mean_word", 0.6).doubted(found) == ()
    alike = Surprise(((0, 1), (1, 2), (2, 3)), np.full(3, 0.1), np.zeros(3))
    assert len(DoubtRule("mean_word", 0.05).doubted(alike)) == 3


def test_the_rule_belongs_to_the_weights(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(BUNDLED / "en-fr", folder)
    glass = load_model(folder)
    assert glass.doubt == DoubtRule(**json.loads((folder / DOUBT).read_text()))
    (folder / DOUBT).write_text('{"measure": "mood", "above": 1}')
    with pytest.raises(ConfigError, match="mean_word"):
        load_model(folder)
    save_model(folder, glass.model, glass.source_tokenizer, glass.target_tokenizer)
    assert load_model(folder).doubt is None


def test_a_threshold_marks_no_more_of_the_right_ones_than_it_may() -> None:
    dice = np.random.default_rng(3)
    wrong = dice.random(97) < 0.4
    numbers = np.round(dice.random(97) + 0.5 * wrong, 1)  # with ties
    labelled = Labelled(wrong, {name: numbers for name in MEASURES})
    shares = []
    for limit in (0.0, 0.07, 0.1, 0.5, 0.99):
        marked, false = labelled.marked(labelled.rule("mean_word", limit))
        assert false <= limit
        shares.append(marked)
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]


@pytest.mark.parametrize("limit", [-0.1, 1.0, 2.0, float("nan")])
def test_a_limit_that_is_no_share_is_refused(limit: float) -> None:
    labelled = Labelled(np.array([True, False]), {name: np.array([0.2, 0.1]) for name in MEASURES})
    with pytest.raises(ConfigError, match="limit must be a share"):
        labelled.best_rule(limit)
    assert labelled.best_rule(0.0).above == pytest.approx(0.15)
