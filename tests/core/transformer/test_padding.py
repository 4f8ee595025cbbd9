"""Where padding lies: on the right it changes nothing, and anywhere else it is refused by its place."""

from __future__ import annotations

from contextlib import suppress
from itertools import product

import numpy as np
import pytest
import torch

from tests.cases import crossed
from tests.core.decoding_models import PAD, RULES, often_ending
from tests.core.tiny import DECODER_SHAPES, SOURCE_IDS, make_config, make_model
from transformer_core.decoding.decode import decode, greedy
from transformer_core.decoding.errors import ForcedWordsError
from transformer_core.decoding.forcing import compare, teacher_forcing
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import BlockedRowError, ShapeError
from transformer_core.studies.errors import SameOutputError
from transformer_core.studies.importance import head_importance, words_without
from transformer_core.studies.patching import contrast

N = 4
# Every way in which some of four places of a row can be padding.
PLACES = [places for places in product([False, True], repeat=N) if any(places)]
WORDS, READ = [3, 16, 7, 2], [1, 5, 12, 3]
MODEL = often_ending({})
DECODER = often_ending({"architecture": "decoder-only"})
ENCODER = make_model(architecture="encoder-only")
PLACES_BY_NAME = {"".join("w0"[place] for place in places): places for places in PLACES}
by_place = pytest.mark.parametrize("places", PLACES, ids=PLACES_BY_NAME)

# Everything that reads a batch of sources, or one source.
BATCHES = {
    "forward": lambda batch: MODEL(batch, torch.tensor([[1, 5], [1, 5]])),
    "encoder-only": lambda batch: ENCODER(batch),
    "features": lambda batch: MODEL.features(batch, torch.tensor([[1, 5], [1, 5]])),
    "encode": lambda batch: MODEL.encode(batch),
    "greedy": lambda batch: greedy(MODEL, batch),
    **{type(rule).__name__: lambda batch, rule=rule: decode(MODEL, batch, rule) for rule in RULES},
    "uncached": lambda batch: decode(MODEL, batch, cached=False),
    "with prefixes": lambda batch: decode(MODEL, batch, prefixes=[[5], [7, 9]]),
    "teacher_forcing": lambda batch: teacher_forcing(MODEL, batch, [[5, 2], [7, 9, 2]]),
}
ROWS = {
    "run_with_trace": lambda row: run_with_trace(MODEL, row, READ),
    "run_with_trace, encoder-only": lambda row: run_with_trace(ENCODER, row),
    "compare": lambda row: compare(MODEL, row, [5, 2]),
    "head_importance": lambda row: head_importance(MODEL, row, [5, 2]),
    "words_without": lambda row: words_without(MODEL, row, [None]),
    "contrast": lambda row: contrasted(row),
}


def contrasted(row):
    with suppress(SameOutputError):  # said behind the two runs, when both have been read
        contrast(MODEL, row, [6, 9, 4, 2])


def padded(words, places):
    return [PAD if pad else word for word, pad in zip(words, places, strict=True)]


def on_the_right(places):
    return list(places) == sorted(places) and not all(places)


def refused(call, row, places, first, *errors):
    with pytest.raises(errors) as caught:
        call()
    if isinstance(caught.value, ShapeError):
        assert (caught.value.fields["row"], caught.value.fields["place"]) == (row, first)
        assert f"position {first} of row {row}" in str(caught.value)
    else:
        assert all(places)


@pytest.mark.parametrize(("places", "name"), crossed(PLACES_BY_NAME, list(BATCHES)))
def test_in_a_batch_of_sources(name, places):
    batch = torch.tensor([WORDS, padded(WORDS, places)])
    if on_the_right(places):
        BATCHES[name](batch)
    else:
        refused(lambda: BATCHES[name](batch), 1, places, places.index(True), ShapeError, BlockedRowError)


@pytest.mark.parametrize(("places", "name"), crossed(PLACES_BY_NAME, list(ROWS)))
def test_in_one_source(name, places):
    row = padded(WORDS, places)
    if on_the_right(places):
        ROWS[name](row)
    else:
        refused(lambda: ROWS[name](row), 0, places, places.index(True), ShapeError, BlockedRowError)


@pytest.mark.parametrize(("places", "shape"), crossed(PLACES_BY_NAME, DECODER_SHAPES))
def test_in_a_batch_of_targets(shape, places):
    model = make_model(make_config(**shape))
    source = torch.tensor([SOURCE_IDS, SOURCE_IDS]) if model.config.has_encoder else None
    batch = torch.tensor([READ, padded(READ, places)])
    if not on_the_right(places):
        refused(lambda: model(source, batch), 1, places, places.index(True), ShapeError)
        return
    real = N - sum(places)
    alone = model(None if source is None else source[:1], batch[1:, :real])
    np.testing.assert_allclose(model(source, batch)[1, :real].detach(), alone[0].detach(), rtol=0, atol=1e-12)


@by_place
def test_a_model_is_not_made_to_write_padding(places):
    words, source = padded([5, 12, 3, 7], places), torch.tensor([WORDS])
    for call in (
        lambda: decode(MODEL, source, prefixes=[words]),
        lambda: decode(DECODER, prefixes=np.array([words, [5, 12, 3, 7]])),
        lambda: teacher_forcing(MODEL, source, [words]),
        lambda: head_importance(MODEL, WORDS, words),
        lambda: compare(MODEL, WORDS, words),
    ):
        with pytest.raises(ForcedWordsError, match=f"padding .* at position {places.index(True)}"):
            call()


@by_place
def test_what_a_model_wrote_itself_is_read_as_words(places):
    """A trace reads one row, which needs no padding: there pad_id is a word, and row t is step t of a decoding."""
    read = padded(READ, places)
    if places[0]:
        with pytest.raises(ShapeError, match=r"padding .* at position 0"):
            run_with_trace(MODEL, WORDS, read)
        return
    logits = run_with_trace(MODEL, WORDS, read)["head.logits"]
    source = torch.tensor([WORDS])
    with torch.inference_mode():
        memory, caches = MODEL.encode(source), MODEL.new_caches()
        steps = [MODEL.head(MODEL.decode(torch.tensor([[i]]), memory, source, caches))[0, 0] for i in read]
    np.testing.assert_allclose(logits, torch.stack(steps), rtol=0, atol=1e-11)


def test_where_padding_is_also_a_word_a_target_may_hold_it():
    """A vocabulary without an id for padding alone (GPT-2) uses </s> or <s>: what it means there nobody can tell."""
    for special in (1, 2):
        model = make_model(make_config("decoder-only", pad_id=special))
        model(None, torch.tensor([[special, 5, special, 7]]))
        decode(model, prefixes=[[5, 1, 7]])


def test_padding_costs_no_second_look_where_there_is_none(monkeypatch):
    """The check is one pass over the ids: `nonzero` and comparisons wait for padding."""
    from transformer_core.transformer import ids

    monkeypatch.setattr(ids, "_check_padding", lambda *_: pytest.fail("looked for padding"))
    MODEL(torch.tensor([WORDS]), torch.tensor([READ]))
