"""Several hidden words, filled all at once and in turn: against every step counted out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from tests.core.glasses import ENGLISH, HIDING, little_glass
from transformer_core.edits.errors import EditPositionError
from transformer_core.edits.parse import parse_edits
from transformer_core.glass.errors import AbilityError, EmptyTextError, NoMaskError
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from transformer_core.studies.filling import fill_at_once, fill_in_turn

TEXTS = ("I [MASK] a [MASK].", "[MASK] cats [MASK] [MASK].", "The [MASK] were")


@pytest.fixture(scope="module", params=["random", "words-en"])
def glass(request: pytest.FixtureRequest) -> Glass:
    return load_model("words-en") if request.param == "words-en" else little_glass("encoder-only", HIDING, seed=4)


def log_probs(glass: Glass, ids: list[int], edits: str = "") -> np.ndarray:
    """From a whole trace, softmax by torch in float64."""
    parsed = parse_edits(edits, glass.plan)
    trace = glass.task.run(ids, None, {}, parsed)
    return torch.tensor(trace["head.logits"], dtype=torch.float64).log_softmax(-1).numpy()


@pytest.mark.parametrize("edits", ["", "off:encoder.1.self_attn:0"])
@pytest.mark.parametrize("text", TEXTS)
def test_at_once_no_gap_knows_another(glass: Glass, text: str, edits: str) -> None:
    ids, mask = glass.read_ids(text), glass.task.side.tokenizer.mask_id
    places = [place for place, i in enumerate(ids) if i == mask]
    expected = log_probs(glass, ids, edits)
    found = fill_at_once(glass, text, edits=parse_edits(edits, glass.plan))
    assert found.places == tuple(places)
    for place, log_prob in zip(places, found.log_probs, strict=True):
        assert found.ids[place] == int(expected[place].argmax())
        assert_allclose(log_prob, expected[place].max(), atol=1e-5)
    assert [i for place, i in enumerate(found.ids) if place not in places] == [i for i in ids if i != mask]
    assert_allclose(found.log_prob, sum(found.log_probs))
    assert found.text == glass.task.side.tokenizer.decode(found.ids[:-1])


@pytest.mark.parametrize("edits", ["", "off:encoder.1.self_attn:0"])
@pytest.mark.parametrize("text", TEXTS)
def test_in_turn_the_surest_goes_first_and_the_next_ones_read_it(glass: Glass, text: str, edits: str) -> None:
    ids, mask = glass.read_ids(text), glass.task.side.tokenizer.mask_id
    found = fill_in_turn(glass, text, edits=parse_edits(edits, glass.plan))
    for place, log_prob in zip(found.places, found.log_probs, strict=True):
        now = log_probs(glass, ids, edits)
        left = [at for at, i in enumerate(ids) if i == mask]
        best = {at: now[at].max() for at in left}
        assert best[place] >= max(best.values()) - 1e-6
        assert_allclose(log_prob, best[place], atol=1e-5)
        ids[place] = int(now[place].argmax())
    assert list(found.ids) == ids
    assert mask not in ids


def test_one_gap_is_the_same_either_way_and_what_fill_says(glass: Glass) -> None:
    text = "I have a [MASK]."
    once, turn = fill_at_once(glass, text), fill_in_turn(glass, text)
    assert once == turn
    ((best, *_),) = glass.fill(text)
    assert once.ids[once.places[0]] == best.id
    assert_allclose(np.exp(once.log_prob), best.probability, rtol=1e-5)


def test_two_orders_part_where_words_hang_together() -> None:
    """With the bundled model, the reason why one would fill in turn: the second word reads the first."""
    glass = load_model("words-en")
    parted = 0
    for text in ("[MASK] [MASK] a teacher.", "She [MASK] [MASK] home.", "There are [MASK] [MASK] in the room."):
        once, turn = fill_at_once(glass, text), fill_in_turn(glass, text)
        parted += once.ids != turn.ids
        # what the model says of the words together, told one after the other, of either text
        assert turn.log_probs[0] == pytest.approx(max(once.log_probs), abs=1e-5)
    assert parted


@pytest.mark.parametrize("fill", [fill_at_once, fill_in_turn])
def test_what_cannot_be_filled_is_refused(fill) -> None:  # type: ignore[no-untyped-def]
    able = little_glass("encoder-only", HIDING)
    with pytest.raises(NoMaskError, match=r"\[MASK\]"):
        fill(able, "I have a cat.")
    with pytest.raises(EmptyTextError):
        fill(able, " ")
    with pytest.raises(EditPositionError):
        fill(able, "a [MASK]", edits=parse_edits("zero:encoder.0.out:40", able.plan))
    for other in (little_glass("encoder-only", ENGLISH), little_glass("decoder-only", HIDING)):
        with pytest.raises(AbilityError):
            fill(other, "I have a [MASK].")
