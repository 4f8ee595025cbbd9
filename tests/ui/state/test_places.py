"""Every value has a page, a stop and a map on which each of its cells can be found again."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.tiny import SHAPES, VARIANTS, make_config, make_model, shape_name, trace_of
from tests.ui.opened import PAGES
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import all_parameters, all_sites, find_site
from transformer_core.glass.walks import attention_facts, blocks_of, embedding_of, stacks, with_role
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans import transformer_plan
from ui.parts.focus import crumbs, known_crumbs
from ui.parts.maps import Map, map_of
from ui.parts.telling import strongest
from ui.state.places import HEADS, place_of, road
from ui.state.values import PARAMETER, find_value
from ui.take_home.files import head_part

CONFIGS = [*(make_config(**shape) for shape in SHAPES), *VARIANTS.values()]
PLANS = [transformer_plan(config) for config in CONFIGS]
IDS = [*(shape_name(shape) for shape in SHAPES), *VARIANTS]
ROADS = {file.rpartition("/")[2].removesuffix(".py") for file in PAGES if file.startswith("explore/")} - {
    "architecture"
}


def roads(plan: Plan) -> list[tuple[str, ...]]:
    """The keys that are shown at each stop of each road of a model."""
    choices = product(sorted(ROADS), ("encoder", "decoder"), range(2), ("self_attn", "cross_attn"))
    return [stop.keys for page, stack, layer, block in choices for stop in road(plan, page, stack, layer, block)]


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_every_site_stands_on_the_road_of_its_page(plan: Plan) -> None:
    for site in all_sites(plan):
        place = place_of(plan, site.key)
        assert place.page in ROADS
        stops = road(plan, place.page, place.stack or "decoder", place.layer or 0, place.block or "self_attn")
        assert [stop.stage for stop in stops if site.key in stop.keys and stop.stage == place.stage] == [place.stage]
    assert {key for keys in roads(plan) for key in keys} == {site.key for site in all_sites(plan)}


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_every_parameter_is_shown_on_the_page_of_its_block(plan: Plan) -> None:
    for parameter in all_parameters(plan):
        place = place_of(plan, parameter.name)
        assert place.page in ROADS
        assert place.stage == PARAMETER
        assert find_value(plan, parameter.name).is_parameter


def test_a_road_follows_the_computation() -> None:
    post, pre = (transformer_plan(make_config(norm_position=norm)) for norm in ("post", "pre"))
    stages = [[stop.stage for stop in road(plan, "layer", "encoder", 0, "self_attn")] for plan in (post, pre)]
    assert stages[0] == ["input", "add1", "ln1", "pre", "act", "ffn", "add2", "ln2", "out"]
    assert stages[1] == ["input", "ln1", "add1", "ln2", "pre", "act", "ffn", "add2", "out"]
    attention = [stop.stage for stop in road(post, "attention", "decoder", 1, "cross_attn")]
    assert attention.index("weights") + 1 == attention.index(HEADS) < attention.index("z")


def test_what_no_model_has_has_no_place() -> None:
    for key in ("", "weights", "decoder.9.cross_attn.q", "decoder.0.cross_attn.W_X", "head"):
        with pytest.raises(UnknownSiteError):
            place_of(PLANS[0], key)


@pytest.mark.parametrize("config", CONFIGS, ids=IDS)
def test_each_cell_of_a_map_is_that_cell_of_its_value(config: TransformerConfig) -> None:
    trace = trace_of(make_model(config))
    for name in [*trace, *trace.parameters]:
        value = find_value(trace.plan, name)
        array = trace.parameters[name] if value.is_parameter else trace[name]
        head = config.n_heads - 1
        cells = value.sheet(trace, head)
        row, column = strongest(cells)
        shown = map_of(trace, value, head, row, column)
        place = shown.drawn(row, column)
        assert place is not None, name
        index = shown.index(*place)
        assert index == value.index(head, row, column)
        assert array[index] == cells[row, column]
        assert value.cell(index, head) == (head, row, column)


@pytest.mark.parametrize("config", CONFIGS, ids=IDS)
def test_a_head_is_shown_with_the_keys_and_values_that_it_reads(config: TransformerConfig) -> None:
    trace, heads = trace_of(make_model(config)), config.n_heads
    for block in with_role(trace.plan, "attention"):
        shared = heads // attention_facts(block).kv_heads
        for name in ("k", "v"):
            key = f"{block.path}.{name}"
            value = find_value(trace.plan, key)
            for head in range(heads):
                np.testing.assert_array_equal(value.sheet(trace, head), trace[key][head // shared])
                assert map_of(trace, value, head, 0, 0).head == head
                assert head_part(value, head) == f"head{head // shared}"
                assert value.index(head, 1, 1) == (head // shared, 1, 1)
                # Coming from any head, the one that is looked at reads the cell; it stays the same where it does.
                for before in range(heads):
                    after, *cell = value.cell((head // shared, 1, 1), before)
                    assert (after // shared, cell) == (head // shared, [1, 1])
                    assert after == before or before // shared != head // shared


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_what_stands_in_front_of_the_layers_is_shown_with_the_embedding(plan: Plan) -> None:
    for stack in stacks(plan):
        read = find_site(plan, f"{stack}.0.input").formula.sites[0]
        before = embedding_of(plan, stack).path, find_site(plan, read).block.path
        for block in blocks_of(plan, stack, None):
            for key in [f"{block.path}.{one.name}" for one in (*block.values, *block.weights)]:
                page = place_of(plan, key).page
                assert (page == "embedding") is (block.path in before), key
                assert page != "embedding" or place_of(plan, key).stack == stack


def test_a_cell_that_is_not_drawn_is_nowhere() -> None:
    shown = Map(find_value(PLANS[0], "head.logits"), None, (), (4, 2))
    assert shown.drawn(1, 2) == (1, 1)
    assert shown.drawn(1, 3) is None


@given(st.lists(st.lists(st.floats(width=32) | st.just(-np.inf), min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_strongest_cell_is_a_number(rows: list[list[float]]) -> None:
    cells = np.array(rows)
    row, column = strongest(cells)
    finite = np.abs(cells[np.isfinite(cells)])
    assert finite.size == 0 or abs(cells[row, column]) == finite.max()


def test_a_trail_keeps_only_what_this_run_has() -> None:
    trace = trace_of(make_model(CONFIGS[0]))
    good = ["decoder.1.cross_attn.q[2,3,1]", "tgt_embed.W_E[4,0]", "src_embed.tokens[1]"]
    bad = ["decoder.1.cross_attn.q[2,3]", "decoder.1.cross_attn.q[9,0,0]", "head.nothing[0,0]", "x", "head.probs[-1,0]"]
    mixed = [good[0], bad[0], bad[1], good[1], *bad[2:], good[2]]
    assert known_crumbs(trace.plan, trace, ">".join(mixed)) == ">".join(good)
    assert crumbs("") == []
