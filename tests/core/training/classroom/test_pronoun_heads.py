"""Which head carries a pronoun: where things stand, whom a head looks at, and what is lost without it."""

from __future__ import annotations

import numpy as np
import pytest

from transformer_core.edits.attention import SwitchOff
from transformer_core.models.files import load_model
from transformer_core.training.classroom.pronoun_heads import PronounHead, find_places, margin, pronoun_heads
from transformer_core.training.classroom.pronouns import Case, all_cases


@pytest.fixture(scope="module")
def case() -> Case:
    wanted = "The cow did not cross the bridge because it was too tired."
    return next(case for case in all_cases() if case.text("en") == wanted)


@pytest.fixture(scope="module")
def measured_heads(case: Case) -> tuple[PronounHead, ...]:
    return pronoun_heads(load_model("en-fr"), [case])


def test_pronoun_and_nouns_are_found_on_both_sides(case: Case) -> None:
    glass = load_model("en-fr")
    places = find_places(glass, case)
    assert places is not None
    read = glass.source_tokenizer.pieces(glass.source_ids(case.text("en")))
    written = glass.target_tokenizer.pieces(glass.target_ids(case.text("fr")))
    assert (read[places.it], written[places.pronoun]) == ("it", "elle")
    assert "".join(read[i].strip("#") for i in places.noun["source"]) == "cow"
    assert "".join(read[i].strip("#") for i in places.other["source"]) == "bridge"
    assert "".join(written[i].strip("#") for i in places.noun["target"]) == "vache"
    assert "".join(written[i].strip("#") for i in places.other["target"]) == "pont"
    assert [glass.target_tokenizer.decode([one]) for one in (places.right, places.wrong)] == ["elle", "il"]


@pytest.mark.slow
def test_a_head_is_measured_by_its_weights_and_by_the_run_without_it(
    case: Case, measured_heads: tuple[PronounHead, ...]
) -> None:
    glass = load_model("en-fr")
    places = find_places(glass, case)
    trace = glass.trace(case.text("en"), case.text("fr"))
    logits = trace["head.logits"][places.pronoun].astype(np.float64)
    assert margin(glass, case) == pytest.approx(logits[places.right] - logits[places.wrong])
    measured = {(one.head.block, one.head.index): one for one in measured_heads}
    assert len(measured) == 36
    encoder, decoder, cross = (
        measured[path, 1] for path in ("encoder.2.self_attn", "decoder.1.self_attn", "decoder.2.cross_attn")
    )
    row = trace["encoder.2.self_attn.weights"][1, places.it]
    assert encoder.to_noun == pytest.approx(float(row[list(places.noun["source"])].sum()))
    row = trace["decoder.2.cross_attn.weights"][1, places.pronoun]
    assert cross.to_other == pytest.approx(float(row[list(places.other["source"])].sum()))
    row = trace["decoder.1.self_attn.weights"][1, places.pronoun]
    assert decoder.to_noun == pytest.approx(float(row[[i + 1 for i in places.noun["target"]]].sum()))
    for one in (encoder, decoder, cross):
        off = margin(glass, case, [SwitchOff(one.head.block, (one.head.index,))])
        assert one.margin_lost == pytest.approx(margin(glass, case) - off)
        assert one.turned in (0.0, 1.0)
        assert bool(one.turned) == (margin(glass, case) * off < 0)


@pytest.mark.slow
def test_several_cases_are_averaged_and_none_is_no_number(case: Case, measured_heads: tuple[PronounHead, ...]) -> None:
    glass = load_model("en-fr")
    other = next(
        one for one in all_cases() if one.text("en") == "The cow did not cross the bridge because it was too long."
    )
    two, both = (pronoun_heads(glass, cases) for cases in ([other], [case, other]))
    for a, b, mean in zip(measured_heads, two, both, strict=True):
        assert mean.margin_lost == pytest.approx((a.margin_lost + b.margin_lost) / 2)
    assert all(np.isnan(head.to_noun) for head in pronoun_heads(glass, []))
