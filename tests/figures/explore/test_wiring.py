"""Where Q, K and V come from: as the formulas say it, drawn once per value."""

from __future__ import annotations

from typing import Any

import pytest

from figures.explore.wiring import memory_of, wires, wiring
from tests.core.tiny import DECODER_SHAPES, NORMS, make_config, make_model, shape_name, trace_of
from transformer_core.glass.formulas import find_formula
from transformer_core.transformer.plans import transformer_plan


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
    drawn = wiring(found, 1, "decoder")
    origins = {key: (x, y) for x, y, key, _, _ in drawn["origins"]}
    values = {key: (x, y) for x, y, _, _, key, _ in drawn["values"]}
    assert set(origins) == {wire.origin for wire in found}
    assert len({*origins.values(), *values.values()}) == len(origins) + len(values)
    for wire, line, value in zip(found, drawn["lines"], drawn["values"], strict=True):
        assert line == [*origins[wire.origin], *values[wire.key], wire.name, wire.layer == 1]
        assert value[2:] == [wire.name, wire.layer, wire.key, wire.origin]
    # The shared memory stands at the right of all values, in the colour of what it is; all is within the picture.
    (middle,) = {x for x, _ in values.values()}
    shared = [(key, side) for x, _, key, side, is_shared in drawn["origins"] if is_shared]
    assert shared == ([("encoder.out", "source")] if block == "cross_attn" else [])
    assert all((x > middle) == is_shared for x, _, _, _, is_shared in drawn["origins"])
    assert {side for *_, side, is_shared in drawn["origins"] if not is_shared} == {"target"}
    assert all(0 < x < 100 and 0 < y < drawn["height"] for x, y in (*origins.values(), *values.values()))
