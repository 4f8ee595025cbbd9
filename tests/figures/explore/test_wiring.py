"""Where Q, K and V come from: as the formulas say it, drawn once per value."""

from __future__ import annotations

from typing import Any

import pytest

from figures.base.theme import theme
from figures.explore.wiring import LOWERED, OWN, SHARED, VALUES, memory_of, wires, wiring_figure
from tests.core.tiny import DECODER_SHAPES, NORMS, make_config, make_model, shape_name, trace_of
from transformer_core.glass.formulas import find_formula
from transformer_core.transformer.plans import transformer_plan

COLOURS = theme("light")


@pytest.mark.parametrize("norm", NORMS)
def test_cross_attention_reads_the_encoders_output_in_every_layer(norm: str) -> None:
    plan = transformer_plan(make_config(norm_position=norm, n_decoder_layers=3))
    found = wires(plan, "decoder", "cross_attn")
    assert memory_of(found) == "encoder.out"
    assert [(wire.layer, wire.name) for wire in found] == [(i, name) for i in range(3) for name in "qkv"]
    for wire in found:
        assert find_formula(plan, wire.key).sites == (wire.origin,)
        assert (wire.origin == "encoder.out") == (wire.name != "q")
    norm_of_block = {"post": "ln1", "pre": "ln2"}[norm]
    assert [wire.origin for wire in found if wire.name == "q"] == [f"decoder.{i}.{norm_of_block}.out" for i in range(3)]


@pytest.mark.parametrize("shape", DECODER_SHAPES, ids=shape_name)
def test_self_attention_makes_all_three_of_the_same_rows(shape: dict[str, Any]) -> None:
    plan = transformer_plan(make_config(**shape))
    found = wires(plan, "decoder", "self_attn")
    assert memory_of(found) == ""
    for layer in range(2):
        assert len({wire.origin for wire in found if wire.layer == layer}) == 1
    assert len({wire.origin for wire in found}) == 2


def test_one_layer_of_self_attention_has_no_memory_either() -> None:
    plan = transformer_plan(make_config(n_decoder_layers=1))
    assert memory_of(wires(plan, "decoder", "self_attn")) == ""
    assert memory_of(wires(plan, "decoder", "cross_attn")) == "encoder.out"


def test_the_origins_have_the_shape_that_the_values_are_made_of() -> None:
    trace = trace_of(make_model())
    for wire in wires(trace.plan, "decoder", "cross_attn"):
        assert len(trace[wire.origin]) == trace[wire.key].shape[1]


@pytest.mark.parametrize("block", ["self_attn", "cross_attn"])
def test_a_wire_leads_from_each_origin_to_its_value(block: str) -> None:
    found = wires(transformer_plan(make_config()), "decoder", block)
    *lines, origins, values = wiring_figure(found, 1, "#111111", "#222222", COLOURS).data
    places = dict(zip(origins.text, zip(origins.x, origins.y, strict=True), strict=True))
    assert set(places) == {wire.origin for wire in found}
    assert len(set(places.values())) == len(places)
    for n, (wire, line) in enumerate(zip(found, lines, strict=True)):
        assert ((line.x[0], line.y[0]), (line.x[1], line.y[1])) == (places[wire.origin], (VALUES, n))
        assert line.line.color == getattr(COLOURS, wire.name)
        assert (line.line.width > 2) == (wire.layer == 1)
        assert values.text[n] == f"{wire.name.upper()}{str(wire.layer).translate(LOWERED)}"
        assert tuple(values.customdata[n]) == (wire.key, wire.origin)
    shared = [colour for colour, x in zip(origins.marker.color, origins.x, strict=True) if x == SHARED]
    assert shared == (["#222222"] if block == "cross_attn" else [])
    assert {x for x in origins.x} <= {OWN, SHARED}
