"""Pairs out of texts: what a model of the other direction writes becomes the source of what a person wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from transformer_core.models.files import load_model
from transformer_core.training.classroom.__main__ import main
from transformer_core.training.classroom.back_translation import TAG, back_translated, sound


def test_each_new_text_once_gets_what_the_model_makes_of_it() -> None:
    glass = load_model("en-fr")
    texts = ["I am a student.", "i am a student", "He reads a book.", "Where is the cat?"]
    pairs = list(back_translated(glass, texts, known=["Where is the CAT"]))
    assert [text for _, text in pairs] == ["I am a student.", "He reads a book."]
    for source, text in pairs:
        assert source == TAG + glass.translate(text).text


@pytest.mark.parametrize(
    ("written", "read", "good"),
    [
        ([1, 2, 3], [7, 8, 9], True),
        ([1, 2, 2, 3], [7, 8, 9], True),
        ([], [7], False),
        ([1], [7, 8, 9, 7], False),  # most of it lost
        ([1, 2, 2, 2, 3], [7, 8, 9, 7], False),
        ([5, 1, 2, 1, 2, 1, 2], [7, 8, 9, 7], False),
        ([5, 1, 2, 1, 2, 3, 4], [7, 8, 9, 7], True),
    ],
)
def test_what_lost_half_or_fell_into_a_loop_is_no_source(written: list[int], read: list[int], good: bool) -> None:
    assert sound(written, read) == good


def test_the_command_keeps_out_what_it_is_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts, dev, out = tmp_path / "texts.txt", tmp_path / "dev.tsv", tmp_path / "out.tsv"
    texts.write_text("My shoe is under the old bed.\nHe reads a book.\n", encoding="utf-8")
    dev.write_text("Il lit un livre.\tHe reads a book.\n", encoding="utf-8")
    command = ["back", "--model", "en-fr", "--data", str(texts), "--keep-out", str(dev), "--out", str(out)]
    assert main(command) == 0
    source = load_model("en-fr").translate("My shoe is under the old bed.").text
    assert out.read_text(encoding="utf-8").splitlines() == [f"{TAG}{source}\tMy shoe is under the old bed."]
    assert "1 held back" in capsys.readouterr().out
