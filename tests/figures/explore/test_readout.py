"""The readout: every share is one over the whole vocabulary, and the written words are where they should be."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from figures.base.theme import theme
from figures.decode.unfold import CANDIDATES, DIGITS
from figures.explore.readout import TOP, lens_grid, places, temperature, top_words, words_matrix
from tests.core.tiny import ARCHITECTURES, SOURCE_IDS, SOURCE_V, TARGET_IDS, T, V, make_model, trace_of
from tests.spelled import spelled
from transformer_core.glass.formula.operations import softmax
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word, Words
from transformer_core.studies.logit_lens import lens_keys, read_early

HALF = 0.5 * 10**-DIGITS + 1e-12  # what rounding may change
READ = spelled("<s>", "five", "</s>", "<b>3</b>", "seven", "five", "שלום")
WRITTEN_IDS = (5, 12, 3, 7, 5, 4, 2)
WRITTEN = spelled("five", "</s>", "<b>3</b>", "seven", "five", "שלום", "</s>")


@lru_cache
def traced(norm: str = "post", architecture: str = "encoder-decoder") -> Trace:
    model = make_model(architecture=architecture, norm_position=norm)
    words = {"source": Words(spelled(*(str(i) for i in SOURCE_IDS))), "target": Words(READ, WRITTEN, WRITTEN_IDS)}
    return trace_of(model, words={name: words[name] for name in (one.name for one in model.plan.word_lists)})


def word(i: int) -> Word:
    return Word("<s>", special=True) if i == 1 else Word(f"word {i}")


def logits_of(scores: dict[str, Any]) -> np.ndarray:
    """All logits, the largest first, each of one word."""
    assert scores["spread"]["counts"] is None
    return np.frombuffer(base64.b64decode(scores["spread"]["logits"]), dtype="<f4")


def falling(logits: np.ndarray) -> np.ndarray:
    return np.sort(logits)[::-1]


class TestTemperature:
    @pytest.mark.parametrize("position", range(T))
    def test_at_1_it_is_the_models_own(self, position: int) -> None:
        scores = temperature(traced(), position, word)
        assert_array_equal(logits_of(scores), falling(traced()["head.logits"][position]).astype(np.float32))
        shares = softmax(logits_of(scores).astype(np.float64))
        assert np.abs(shares - falling(traced()["head.probs"][position])).max() < 1e-6
        for one in (*scores["candidates"], scores["written"]):
            assert one["logit"] == traced()["head.logits"][position][one["id"]]
            assert one["was"] is None
        assert scores["position"] == position

    def test_float32_comes_to_the_last_bit(self) -> None:
        trace = trace_of(make_model().float())
        assert_array_equal(logits_of(temperature(trace, 2, word)), falling(trace["head.logits"][2]))

    def test_candidates_are_the_highest_at_any_temperature(self) -> None:
        for position in range(T):
            logits = traced()["head.logits"][position]
            ids = [candidate["id"] for candidate in temperature(traced(), position, word)["candidates"]]
            assert len(ids) == CANDIDATES
            for degree in (0.1, 1, 3):
                assert ids == np.argsort(-softmax(logits / degree), kind="stable")[:CANDIDATES].tolist()

    def test_words_are_flagged(self) -> None:
        scores = temperature(traced(), 1, lambda i: Word("</s>", special=True) if i == 12 else Word(f"word {i}"))
        logit = float(traced()["head.logits"][1][12])
        assert scores["written"] == {"id": 12, "text": "</s>", "special": True, "logit": logit, "was": None}
        assert all(one["special"] == (one["id"] == 12) for one in scores["candidates"])
        assert json.loads(json.dumps(scores)) == scores

    def test_what_each_place_reads_and_writes(self) -> None:
        found = places(traced())
        assert [place["read"]["text"] for place in found] == [word.text for word in READ]
        assert [place["written"]["text"] for place in found] == [word.text for word in WRITTEN]
        assert [place["read"]["special"] for place in found] == [True, False, True, False, False, False, False]


class TestTopWords:
    def test_cells_are_the_most_probable_words(self) -> None:
        probs = traced()["head.probs"]
        rows = top_words(traced(), word)
        assert len(rows) == T
        for row, p, written in zip(rows, probs, WRITTEN_IDS, strict=True):
            best = np.argsort(-p)[:TOP]
            assert [cell["text"] for cell in row["cells"]] == [word(int(i)).text for i in best]
            assert np.abs([cell["p"] for cell in row["cells"]] - p[best]).max() <= HALF
            assert [cell["mark"] for cell in row["cells"]] == [int(i) == written for i in best]

    def test_a_written_word_that_is_not_among_them_is_told(self) -> None:
        probs = traced()["head.probs"]
        seen = 0
        for row, p, written in zip(top_words(traced(), word), probs, WRITTEN_IDS, strict=True):
            rank = 1 + int((p > p[written]).sum())
            if rank <= TOP:
                assert row["given"] is None
                continue
            seen += 1
            assert (row["given"]["word"], row["given"]["rank"]) == (word(written).text, rank)
            assert abs(row["given"]["p"] - p[written]) <= HALF
        assert 0 < seen < T


class TestLens:
    @pytest.mark.parametrize("norm", ["post", "pre"])
    def test_cells_are_what_the_head_says(self, norm: str) -> None:
        trace = traced(norm)
        rows = lens_grid(trace, word)
        keys = lens_keys(trace.plan)
        assert [len(row["cells"]) for row in rows] == [len(keys)] * T
        for j, key in enumerate(keys):
            probs = read_early(trace, key)
            for row, p in zip(rows, probs, strict=True):
                best = np.argsort(-p)[:TOP]
                assert row["cells"][j]["text"] == word(int(best[0])).text
                assert [one["word"] for one in row["cells"][j]["top"]] == [word(int(i)).text for i in best]
                assert np.abs([one["p"] for one in row["cells"][j]["top"]] - p[best]).max() <= HALF
                assert row["cells"][j]["p"] == row["cells"][j]["top"][0]["p"]

    def test_the_last_layer_has_the_last_word(self) -> None:
        for row, p in zip(lens_grid(traced(), word), traced()["head.probs"], strict=True):
            last = row["cells"][-1]
            assert last["text"] == word(int(p.argmax())).text
            assert last["mark"]
            assert abs(last["p"] - p.max()) <= HALF
            marked = [n for n, cell in enumerate(row["cells"]) if cell["text"] == last["text"]]
            assert [n for n, cell in enumerate(row["cells"]) if cell["mark"]] == marked
            assert row["first"] == marked[0]

    def test_words_that_read_alike_are_two(self) -> None:
        """The mark goes by the id: another piece may look the same."""
        rows, marks = lens_grid(traced(), lambda i: Word("same")), 0
        finals = traced()["head.probs"].argmax(axis=1)
        for j, key in enumerate(lens_keys(traced().plan)):
            best = read_early(traced(), key).argmax(axis=1)
            assert [row["cells"][j]["mark"] for row in rows] == (best == finals).tolist()
            marks += int((best == finals).sum())
        assert marks < 3 * T


class TestTwoRuns:
    """Beside another run a word has what it is more or less probable than there."""

    def test_the_best_words_are_the_first_runs(self) -> None:
        now, then = traced(), traced("pre")
        plain, rows = top_words(now, word), top_words(now, word, then)
        for row, alone, p, other in zip(rows, plain, now["head.probs"], then["head.probs"], strict=True):
            best = np.argsort(-p)[:TOP]
            assert [cell["text"] for cell in row["cells"]] == [cell["text"] for cell in alone["cells"]]
            assert np.abs([cell["p"] for cell in row["cells"]] - (p - other)[best]).max() <= HALF
            assert row["given"] == alone["given"]

    def test_a_layers_word_names_the_one_that_was_in_front(self) -> None:
        now, then = traced(), traced("pre")
        for j, key in enumerate(lens_keys(now.plan)):
            for row, p, other in zip(
                lens_grid(now, word, then), read_early(now, key), read_early(then, key), strict=True
            ):
                best, was = int(p.argmax()), int(other.argmax())
                assert abs(row["cells"][j]["p"] - (p - other)[best]) <= HALF
                assert row["cells"][j].get("was") == (None if was == best else word(was).text)
        assert not any("was" in cell for row in lens_grid(now, word, now) for cell in row["cells"])

    def test_the_dial_gets_both_and_the_table_is_signed(self) -> None:
        scores = temperature(traced(), 2, word, traced("pre"))
        before = traced("pre")["head.logits"][2]
        assert_array_equal(logits_of({"spread": scores["original"]}), falling(before).astype(np.float32))
        assert all(one["was"] == before[one["id"]] for one in (*scores["candidates"], scores["written"]))
        assert temperature(traced(), 2, word)["original"] is None
        rows = top_words(traced(), word, traced("pre"))
        matrix = words_matrix(rows, ["r"] * T, ["c"] * TOP, ("", "", "p"), theme("light"), signed=True)
        assert (matrix.low, matrix.high, matrix.scale) == (-1, 1, theme("light").diverging())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_is_read(architecture: str) -> None:
    trace = traced("pre", architecture)
    n = len(SOURCE_IDS if architecture == "encoder-only" else TARGET_IDS)
    known = architecture != "encoder-only"
    for rows in (places(trace), top_words(trace, word), lens_grid(trace, word)):
        assert len(rows) == n
        assert all((row["written"] is not None) == known for row in rows)
        assert json.loads(json.dumps(rows)) == rows
    scores = temperature(trace, 0, word)
    assert (scores["written"] is not None) == known
    assert len(logits_of(scores)) == {"encoder-only": SOURCE_V}.get(architecture, V)
    if not known:
        assert all(row["given"] is None for row in top_words(trace, word))
        assert not any(cell["mark"] for row in top_words(trace, word) for cell in row["cells"])
