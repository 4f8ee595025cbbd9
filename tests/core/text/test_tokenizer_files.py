"""Files of tokenizers: the same for the same lines, and refused where they are damaged or something else."""

import json
from pathlib import Path

import pytest

from transformer_core.glass.errors import CheckpointError
from transformer_core.text.pieces import RESERVED
from transformer_core.text.tokenizer import Tokenizer

ENGLISH = ["The cat sat on the mat.", "Tom's cat is singing at 3 o'clock.", "I don't know the singer."] * 20


def test_training_twice_gives_the_same(tmp_path: Path) -> None:
    """The same lines give the same file, byte by byte."""
    for name in ("a", "b"):
        Tokenizer.train_bpe(ENGLISH, 420, language="en").save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"pieces": ["a", "b"]},
        {"pieces": [*RESERVED, "a", "a"]},
        {"kind": "word"},
        {"language": "de"},
        {"merges": [["not", "there"]]},
        {"merges": 5},
        {"seen": None},
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """A file that is not what it says is refused by its name."""
    path = tmp_path / "tokenizer.json"
    Tokenizer.train_bpe(ENGLISH, 420, language="en").save(path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"tokenizer\.json"):
        Tokenizer.load(path)


@pytest.mark.parametrize("content", [None, b"", b"[1]", b"{}", b"\xff\xfe", b'{"language": "en"'])
def test_missing_and_foreign_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    """So is a file that is not there, truncated, or something else."""
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"tokenizer\.json"):
        Tokenizer.load(path)
