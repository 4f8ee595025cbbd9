"""Files of sentence pairs: two columns, or the export with English first; a bad line is named."""

from pathlib import Path

import pytest

from transformer_core.glass.errors import DataError
from transformer_core.training.data.pairs import read_pairs


def write(folder: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / "pairs.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_two_columns_are_source_and_target(tmp_path: Path) -> None:
    """The plain format is read as it is, whatever the languages."""
    path = write(tmp_path, "你好。\tHello.\n再见。\tGoodbye.\n")
    assert read_pairs(path, "zh", "en") == [("你好。", "Hello."), ("再见。", "Goodbye.")]
    assert read_pairs(path, "en", "zh") == [("你好。", "Hello."), ("再见。", "Goodbye.")]


def test_the_export_has_english_first(tmp_path: Path) -> None:
    """Three columns are English, the other language and the attribution, for either direction."""
    path = write(tmp_path, "Hello.\t你好。\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (a) & #2 (b)\n")
    assert read_pairs(path, "zh", "en") == [("你好。", "Hello.")]
    assert read_pairs(path, "en", "zh") == [("Hello.", "你好。")]
    assert read_pairs(path, "en", "fr") == [("Hello.", "你好。")]


@pytest.mark.parametrize(
    "content", ["a\tb", "a\tb\n", "a\tb\r\n", "\ufeffa\tb\n", " a \t b \n"], ids=["bare", "n", "rn", "bom", "spaces"]
)
def test_line_ends_and_byte_order_marks(tmp_path: Path, content: str) -> None:
    """Files of any editor are read alike."""
    assert read_pairs(write(tmp_path, content), "en", "fr") == [("a", "b")]


def test_rare_line_separators_are_text(tmp_path: Path) -> None:
    """Only a line feed ends a line, so line numbers are those of an editor."""
    assert read_pairs(write(tmp_path, "a\u2028b\tc\x0cd\n"), "en", "fr") == [("a\u2028b", "c\x0cd")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\nno tab here\n", r"pairs\.tsv, line 2: .* found 1 columns: 'no tab here'"),
        ("a\tb\n\n", r"line 2: .* found 1 columns: ''"),
        ("", r"line 1: .* found 1 columns: ''"),
        ("a\tb\n\u2028\tb\tc\n", "line 2: .* neither of the first two empty"),
        ("a\tb\na\tb\tc\td\n", "line 2: .* found 4 columns"),
        ("a\t\n", "line 1: .* found 2 columns"),
        (b"a\tb\n\xff\n", r"pairs\.tsv cannot be read: .*0xff"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, content: str | bytes, message: str) -> None:
    """An error says which file and line, and what was found there."""
    with pytest.raises(DataError, match=message):
        read_pairs(write(tmp_path, content), "en", "fr")


def test_the_export_needs_english_and_a_file(tmp_path: Path) -> None:
    """Without English the three columns cannot be told apart; a missing file is named like a bad one."""
    with pytest.raises(DataError, match=r"nowhere\.tsv cannot be read"):
        read_pairs(tmp_path / "nowhere.tsv", "zh", "en")
    with pytest.raises(DataError, match=r"line 1: .* found 3 columns"):
        read_pairs(write(tmp_path, "a\tb\tc\n"), "zh", "fr")
