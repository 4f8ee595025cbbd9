"""Pairs whose pronoun tells two genders apart, and what of them is held out."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

from transformer_core.training.classroom.held_back import ASSETS, read_lines
from transformer_core.training.classroom.pronouns import Case, all_cases, pronoun_pairs, written_pronoun


@lru_cache
def cases() -> tuple[Case, ...]:
    return tuple(all_cases())


class TestPronouns:
    @pytest.mark.slow
    def test_no_held_out_combination_and_no_published_scene_is_learned(self) -> None:
        learned = {text for text, _ in pronoun_pairs("en", "fr", 30_000, 1)}
        held = {case.text("en") for case in cases() if case.held_out}
        assert len(held) > 1000
        assert not learned & held
        assert not [text for text in learned if "animal" in text and "street" in text]
        combinations = {
            (c.scene["scene"], c.referent["en"], c.reason["en"]) for c in cases() if c.text("en") in learned
        }
        listed = {cells[0] for _, cells in read_lines(ASSETS / "held_back" / "pronouns.en-fr.tsv")}
        of_list = {(c.scene["scene"], c.referent["en"], c.reason["en"]) for c in cases() if c.text("en") in listed}
        assert len(of_list) > 100
        assert not of_list & combinations

    def test_the_chinese_list_has_held_out_combinations_with_each_pronoun(self) -> None:
        held = {case.text("zh"): case for case in cases() if case.held_out}
        listed = [cells for _, cells in read_lines(ASSETS / "held_back" / "pronouns.zh-en.tsv")]
        chinese = {"it": "它", "he": "他", "she": "她"}
        for source, target, pronoun, noun in listed:
            case = held[source.replace(chinese[pronoun], "它")]
            assert (case.referent["en"], written_pronoun(target)) == (noun, pronoun)
            assert case.text("en") == target.replace(f"because {pronoun} ", "because it ")
        assert Counter(pronoun for _, _, pronoun, _ in listed) == {"it": 30, "he": 30, "she": 30}

    def test_the_pronoun_has_the_gender_of_the_noun_that_the_reason_suits(self) -> None:
        by_text = {case.text("en"): case for case in cases()}
        case = by_text["The cow did not cross the bridge because it was too tired."]
        assert case.text("fr") == "La vache n'a pas traversé le pont parce qu'elle était trop fatiguée."
        case = by_text["The cow did not cross the bridge because it was too long."]
        assert case.text("fr") == "La vache n'a pas traversé le pont parce qu'il était trop long."
        assert case.text("zh") == "牛没有穿过桥，因为它太长了。"

    def test_a_hundred_nouns_and_most_pairs_tell_two_genders_apart(self) -> None:
        assert len({case.referent["en"] for case in cases()}) >= 100
        telling = {case.text("en") for case in cases() if case.telling}
        learned = [text for text, _ in pronoun_pairs("en", "fr", 2400, 1)]
        assert len(set(learned)) == 2400
        assert sum(text in telling for text in learned) >= 1600

    @pytest.mark.parametrize(
        ("text", "pronoun"),
        [
            ("Il dort parce qu'elle était fatiguée.", "elle"),
            ("Elle dort car il est tard.", "il"),
            ("Elle dort.", None),
            ("He sleeps because she is tired.", "she"),
            ("She sleeps because item 3 is dull.", None),
        ],
    )
    def test_the_written_pronoun_is_the_one_behind_the_reason(self, text: str, pronoun: str | None) -> None:
        assert written_pronoun(text) == pronoun
