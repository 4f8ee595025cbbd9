"""A renamed model traces, decodes and reorders texts as the one that it was."""

from __future__ import annotations

import pytest
import torch

from tests.core.decoding_models import often_ending
from tests.core.renamed import Renamed, equal, renamed_edit
from tests.core.tiny import (
    SOURCE_IDS,
    make_config,
    make_model,
)
from transformer_core.decoding.decode import decode
from transformer_core.decoding.rules import Beam, Sampling
from transformer_core.decoding.step_proof import prove_steps
from transformer_core.edits.parse import parse_edits
from transformer_core.models.glass import Glass
from transformer_core.studies.order import compare_orders
from transformer_core.text.tokenizer import Tokenizer


@pytest.mark.slow
def test_decodings_are_the_same_and_proven_by_a_trace() -> None:
    model = often_ending({})
    other, source = Renamed(model), torch.tensor([SOURCE_IDS])
    for rule in (Beam(width=3), Sampling(seed=2, top_k=4)):
        one, two = (decode(m, source, rule)[0] for m in (model, other))
        assert one.ids == two.ids
        equal(one.logits, two.logits)
        assert prove_steps(other, two).difference == prove_steps(model, one).difference < 1e-12


def test_texts_are_traced_decoded_and_put_in_another_order(chinese: Tokenizer, english: Tokenizer) -> None:
    sizes = {"source_vocab_size": chinese.vocab_size, "target_vocab_size": english.vocab_size}
    model = make_model(make_config(**sizes))
    other = Renamed(model)
    one, two = (Glass("tiny", m, chinese, english) for m in (model, other))
    text = "off:decoder.1.cross_attn:0;no_residual:encoder.1.add1"
    new = ";".join(renamed_edit(part, model.plan, other.rename) for part in text.split(";"))
    traces = [glass.trace("我有猫", edits=parse_edits(t, glass.plan)) for glass, t in ((one, text), (two, new))]
    assert traces[0].words == traces[1].words
    for key in traces[0]:
        equal(traces[1][other.rename(key)], traces[0][key], key)
    written = [glass.decode("我有猫", edits=parse_edits(t, glass.plan)).ids for glass, t in ((one, text), (two, new))]
    assert written[0] == written[1]
    orders = [
        compare_orders(glass, "我有猫", (2, 1, 0, 3), edits=parse_edits(t, glass.plan))
        for glass, t in ((one, text), (two, new))
    ]
    for name in ("with_positions", "without_positions"):
        mine, its = (getattr(found, name) for found in orders)
        equal(its.original, mine.original, name)
        equal(its.other, mine.other, name)
