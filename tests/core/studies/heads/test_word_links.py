"""Alignments written with words: put into the tokens of any tokenizer; and what a bundled model makes of the lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from transformer_core.models.files import load_model
from transformer_core.studies.errors import AlignmentError
from transformer_core.studies.heads.word_links import LinkedSentence, read_links
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.classroom import check
from transformer_core.training.classroom.held_back import ASSETS

HELD_BACK = ASSETS / "held_back"


def pieces_of(text: str, tokenizer: Tokenizer) -> list[str]:
    """The characters of each token's span."""
    return [tokenizer.normalise(text)[first:last] for first, last in tokenizer.spans(text)]


def test_spans_are_the_characters_of_each_token() -> None:
    glass = load_model("en-fr")
    assert glass.source_tokenizer is not None
    assert glass.target_tokenizer is not None
    assert pieces_of("I don't know.", glass.source_tokenizer) == ["I", "do", "not", "know", "."]
    assert pieces_of("  L'homme  qu'il a", glass.target_tokenizer) == ["L'", "homme", "qu'", "il", "a"]
    assert pieces_of("a 漢!", glass.source_tokenizer)[1:5] == ["", "漢", "漢", "漢"]  # a space alone, three bytes
    assert glass.source_tokenizer.spans("") == ()
    zh = load_model("zh-en").source_tokenizer
    assert zh is not None
    assert pieces_of("我有一只猫。", zh) == list("我有一只猫。")


def test_links_become_pairs_of_positions() -> None:
    glass = load_model("en-fr")
    assert glass.source_tokenizer is not None
    assert glass.target_tokenizer is not None
    one = LinkedSentence(
        "The dog does not see the cat.",
        "Le chien ne voit pas le chat.",
        ((("The",), ("Le",)), (("not",), ("ne", "pas")), (("does", "see"), ("voit",)), (("the",), ("le",))),
    )
    aligned = one.aligned(glass.source_tokenizer, glass.target_tokenizer)
    assert aligned.pairs == ((0, 0), (2, 3), (3, 2), (3, 4), (4, 3), (5, 5))


def test_a_numbered_stretch_is_that_occurrence_and_words_are_whole() -> None:
    zh, en = load_model("zh-en").source_tokenizer, load_model("zh-en").target_tokenizer
    assert zh is not None
    assert en is not None
    one = LinkedSentence("他给他书。", "He gives him the other books.", ((("他#2",), ("him",)), (("书",), ("the",))))
    assert {i for i, _ in one.aligned(zh, en).pairs} == {2, 3}
    assert [j for _, j in one.aligned(zh, en).pairs] == [2, 3]  # not the "the" of "other"
    with pytest.raises(AlignmentError, match="'他#3' does not stand in"):
        LinkedSentence("他给他书。", "He", ((("他#3",), ("He",)),)).aligned(zh, en)


@pytest.mark.parametrize("name", ["zh-en", "en-fr"])
def test_every_link_of_the_lists_stands_in_its_sentences_and_most_words_are_linked(name: str) -> None:
    glass = load_model(name)
    assert glass.source_tokenizer is not None
    assert glass.target_tokenizer is not None
    sentences = read_links(HELD_BACK / f"aligned.{name}.tsv")
    assert len({one.source for one in sentences}) == len(sentences) == 45
    for one in sentences:
        aligned = one.aligned(glass.source_tokenizer, glass.target_tokenizer)
        words = glass.source_tokenizer.spans(one.source), glass.target_tokenizer.spans(one.target)
        free = [len(side) - len({pair[k] for pair in aligned.pairs}) for k, side in enumerate(words)]
        assert max(free) <= 5, (one, free)


@pytest.mark.slow
def test_both_lists_and_the_examples_make_a_hundred_and_fifty() -> None:
    assert sum(len(check.hand_aligned(load_model(name))) for name in ("zh-en", "en-fr")) >= 150


@pytest.mark.slow
def test_attention_on_the_right_word_is_counted_per_head_and_for_their_mean() -> None:
    glass = load_model("zh-en")
    sentences = check.hand_aligned(glass)[:8]
    shares = check.alignment_by_layer(glass, sentences)
    assert shares.shape == (3, 5)
    trace, one = glass.trace(sentences[0].source, target=sentences[0].target), sentences[0]
    best = trace["decoder.2.cross_attn.weights"][1].argmax(axis=1)
    linked = sorted({j for _, j in one.pairs})
    by_hand = np.mean([(int(best[j]), j) in one.pairs for j in linked])
    assert check.alignment_by_layer(glass, [one])[2, 1] == pytest.approx(by_hand)
    late = [type(one)(one.source, one.target, tuple((i, max(0, j - 1)) for i, j in one.pairs)) for one in sentences]
    assert shares[2, 4] > 0.7 > 0.5 > check.alignment_by_layer(glass, late)[2, 4]


@pytest.mark.slow
def test_a_bundled_model_on_the_lists(tmp_path: Path) -> None:
    lines = (HELD_BACK / "class.en-fr.tsv").read_text(encoding="utf-8").splitlines()
    chosen = [line for line in lines if "nearest bus stop" in line or "complex organ" in line]
    (tmp_path / "class.en-fr.tsv").write_text("\n".join(chosen), encoding="utf-8")
    glass = load_model("en-fr")
    (first,) = check.class_lists(glass, tmp_path)
    judged = check.judge(glass, first)
    assert len(judged) == 2
    for one in judged:
        assert one.written
        assert (one.missing == ()) == all(one.sentence.kept(one.written))
    (tmp_path / "pronouns.en-fr.tsv").write_text(
        "The dog is big because it eats.\tLe chien.\til\tdog\n", encoding="utf-8"
    )
    source, right, _, written = check.pronouns(glass, tmp_path)[0]
    assert (source, right) == ("The dog is big because it eats.", "il")
    assert written
    cases = [(source, right, found, written) for right, found in (("il", "il"), ("elle", "il"), ("elle", "elle"))]
    assert check.pronoun_shares(cases) == "2 of 3 pronouns are right: il 1 of 1, elle 1 of 2"


@pytest.mark.parametrize("line", ["a\tb", "a\tb\t", "a\tb\tx", "a\tb\tx=", "a\tb\tx=y=z", "a\tb\tc=d\te"])
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "some.tsv"
    path.write_text(f"# how\n{line}\n", encoding="utf-8")
    with pytest.raises(AlignmentError, match=r"line 2 of .*: right are source, target and links"):
        read_links(path)
    with pytest.raises(AlignmentError, match="cannot be read"):
        read_links(tmp_path / "nothing.tsv")
