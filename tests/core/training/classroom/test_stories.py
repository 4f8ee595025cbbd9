"""The stories written for this project, one a line: as a training reads them, and none of what a model is tried on."""

from __future__ import annotations

from pathlib import Path

from transformer_core.training.classroom.held_back import folded

ASSETS = Path(__file__).resolve().parents[4] / "assets"


def lines(name: str) -> list[str]:
    return (ASSETS / name).read_text(encoding="utf-8").splitlines()


def test_they_are_plain_whole_and_distinct() -> None:
    stories = lines("classroom/stories.txt")
    assert len({folded(story) for story in stories}) == len(stories) >= 1400
    for story in stories:
        assert story.isascii(), story
        assert 80 <= len(story.split()) <= 190, story
        assert story == " ".join(story.split())
        assert story[-1] in '.!?"', story


def test_no_beginning_that_a_model_is_judged_by_stands_in_them() -> None:
    stories = [folded(story) for story in lines("classroom/stories.txt")]
    beginnings = [folded(line) for line in lines("examples/beginnings.stories-en.txt") if line.strip()]
    assert len(beginnings) >= 10
    assert not [one for one in beginnings if any(one in story for story in stories)]
