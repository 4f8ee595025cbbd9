"""The hand-made word alignments: the file format, that they fit the bundled models, and what they say of the heads."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from transformer_core.models.files import load_model
from transformer_core.studies.errors import AlignmentError
from transformer_core.studies.heads.alignments import AlignedSentence, find_alignment, read_alignments
from transformer_core.studies.heads.head_table import head_labels, over

EXAMPLES = Path(__file__).resolve().parents[4] / "assets" / "examples"
FILES = {"zh-en": "zh-en", "zh-en-prenorm": "zh-en", "en-fr": "en-fr"}
load = lru_cache(load_model)
EVERYDAY = {"zh-en": "everyday.zh.txt", "en-fr": "everyday.en.txt"}


def aligned(name: str) -> tuple[AlignedSentence, ...]:
    return read_alignments(EXAMPLES / f"alignments.{name}.txt")


def words(name: str, one: AlignedSentence) -> set[tuple[str, str]]:
    """The pairs as words."""
    glass = load(name)
    assert glass.source_tokenizer is not None
    assert glass.target_tokenizer is not None
    source = glass.source_tokenizer.pieces(glass.source_ids(one.source))
    written = glass.target_tokenizer.pieces(glass.target_ids(one.target))
    return {(source[i], written[j]) for i, j in one.pairs}


@pytest.mark.parametrize("model", FILES)
def test_every_pair_is_of_words_that_the_model_reads_and_writes(model: str) -> None:
    glass = load(model)
    for one in aligned(FILES[model]):
        n_source, n_written = len(glass.source_ids(one.source)) - 1, len(glass.target_ids(one.target)) - 1
        assert one.pairs
        assert list(one.pairs) == sorted(set(one.pairs))
        assert max(i for i, _ in one.pairs) < n_source  # </s> is in no pair
        assert max(j for _, j in one.pairs) < n_written
        without = (n_source - len({i for i, _ in one.pairs}), n_written - len({j for _, j in one.pairs}))
        assert max(without) <= 4, (one, without)


@pytest.mark.parametrize(("name", "least"), [("zh-en", 20), ("en-fr", 10)])
def test_enough_of_the_example_sentences_are_aligned_each_once(name: str, least: int) -> None:
    sentences = aligned(name)
    examples = set((EXAMPLES / EVERYDAY[name]).read_text(encoding="utf-8").splitlines())
    assert {one.source for one in sentences} <= examples
    assert len({one.source for one in sentences}) >= least
    assert len({(one.source, one.target) for one in sentences}) == len(sentences)


def test_what_is_a_pair() -> None:
    tom = {("汤", "Tom"), ("姆", "Tom"), ("昨", "yesterday"), ("天", "yesterday"), ("买", "bought"), ("了", "bought")}
    tom |= {("一", "a"), ("本", "a"), ("书", "book")}
    sentences = {(one.source, one.target): one for one in aligned("zh-en")}
    assert words("zh-en", sentences["汤姆昨天买了一本书。", "Tom bought a book yesterday."]) == tom
    sentences = {(one.source, one.target): one for one in aligned("en-fr")}
    sleep = {("I", "Je"), ("did", "ai"), ("not", "n'"), ("not", "pas"), ("sleep", "dormi"), ("well", "bien")}
    sleep |= {("last", "dernière"), ("night", "nuit")}
    one = sentences["I did not sleep well last night.", "Je n'ai pas bien dormi la nuit dernière."]
    assert words("en-fr", one) == sleep


@pytest.mark.parametrize("name", ["zh-en", "en-fr"])
def test_marks_are_in_no_pair_and_words_that_look_alike_are_paired(name: str) -> None:
    twins = {"Paris": "Paris", "London": "Londres", "table": "table", "question": "question", "football": "football"}
    for one in aligned(name):
        for source, written in words(name, one):
            assert source.isalpha(), one
            assert written.strip("#'").isalpha(), one
            assert twins.get(source, written) == written, one


@pytest.mark.slow
def test_the_last_heads_of_the_trained_model_agree_in_the_row_that_writes_the_word_and_not_one_later() -> None:
    glass, sentences = load("zh-en"), aligned("zh-en")[:24]
    traces = [glass.trace(one.source, target=one.target) for one in sentences]
    table = over(traces, [one.pairs for one in sentences])
    late = over(traces, [[(i, j + 1) for i, j in one.pairs] for one in sentences])
    last = [i for i, head in enumerate(table.heads) if head.block == "decoder.2.cross_attn"]
    assert table.values["aligned"][last].min() > 0.8 > 0.2 > late.values["aligned"][last].max()
    # A head of the first layer looks back at the word that was just written: there the next row agrees.
    first = [i for i, head in enumerate(table.heads) if head.block == "decoder.0.cross_attn"]
    assert late.values["aligned"][first].max() > 0.8
    assert any(label.name == "aligned" for labels in head_labels(table) for label in labels)


def test_an_alignment_is_found_by_its_two_texts() -> None:
    sentences = (AlignedSentence("a", "b", ((0, 0),)), AlignedSentence("a", "c", ((0, 1),)))
    assert find_alignment(sentences, "a", "c") == ((0, 1),)
    assert find_alignment(sentences, "a", "d") is None


class TestTheFile:
    def test_comments_and_empty_lines_are_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "some.txt"
        path.write_text("# how\n\n我有\tI have\t0-0 1-1\n", encoding="utf-8")
        assert read_alignments(path) == (AlignedSentence("我有", "I have", ((0, 0), (1, 1))),)

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("a\tb", "line 2 of .* has 2 fields"),
            ("a\tb\tc\td", "line 2 of .* has 4 fields"),
            ("a\tb\t", "line 2 of .* right are source, target and pairs"),
            ("a\tb\t0-0 1:1", "line 2 .* '0-0 1:1'; a pair is written like 0-2"),
            ("a\tb\t0-0 -1-2", "a pair is written like 0-2"),
        ],
    )
    def test_a_line_of_another_form_is_named(self, tmp_path: Path, line: str, message: str) -> None:
        path = tmp_path / "some.txt"
        path.write_text(f"# first\n{line}\n", encoding="utf-8")
        with pytest.raises(AlignmentError, match=message):
            read_alignments(path)

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(AlignmentError, match=r"nothing\.txt cannot be read"):
            read_alignments(tmp_path / "nothing.txt")
        (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
        with pytest.raises(AlignmentError, match=r"bytes\.txt cannot be read"):
            read_alignments(tmp_path / "bytes.txt")
