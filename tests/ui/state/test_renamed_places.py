"""Of a model whose blocks have other paths every value has the same place, and every road the same stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.renamed import STACKS, Renamed
from tests.core.tiny import SHAPES, make_config, make_model, shape_name, trace_of
from tests.ui.opened import BLOCKS
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.glass.walks import attention_kinds, stacks
from transformer_core.transformer.model import Transformer
from ui.explore.head_measures import measures_for
from ui.parts.focus import known_crumbs
from ui.parts.maps import map_of
from ui.state.places import place_of, road
from ui.state.values import find_value
from ui.state.view import Problem, View, block_of, fit_to_model

pytestmark = pytest.mark.slow

ROADS = [("embedding", "decoder", ""), *(("attention", *kind) for kind in BLOCKS)]
ROADS += [("layer", "encoder", ""), ("layer", "decoder", ""), ("output", "", "")]


class TestPlaces:
    @pytest.fixture(params=SHAPES, ids=shape_name)
    def pair(self, request: pytest.FixtureRequest) -> tuple[Transformer, Renamed]:
        model = make_model(make_config(**request.param))
        return model, Renamed(model)

    def test_every_value_has_the_same_place(self, pair: tuple[Transformer, Renamed]) -> None:
        model, other = pair
        for key in [one.key for one in all_sites(model.plan)] + [one.name for one in all_parameters(model.plan)]:
            mine, its = find_value(model.plan, key), find_value(other.plan, other.rename(key))
            assert its == replace(mine, key=its.key, block=its.block)
            assert its.block.path == other.rename(mine.block.path)
            place = place_of(model.plan, key)
            stack = place.stack and STACKS[place.stack]
            assert place_of(other.plan, other.rename(key)) == replace(place, stack=stack)

    def test_every_road_has_the_same_stops(self, pair: tuple[Transformer, Renamed]) -> None:
        model, other = pair
        n = 0
        for page, stack, block in ROADS:
            stops = road(model.plan, page, stack, 1, block)
            n += len(stops)
            assert [(stop.stage, stop.keys) for stop in road(other.plan, page, STACKS[stack], 1, block)] == [
                (stop.stage, tuple(map(other.rename, stop.keys))) for stop in stops
            ]
        assert n > 15

    def test_every_map_shows_the_same_cells(self, pair: tuple[Transformer, Renamed]) -> None:
        model, other = pair
        one, two = trace_of(model), trace_of(other)
        for key in [*one, *one.parameters]:
            new = other.rename(key)
            mine, its = find_value(one.plan, key), find_value(two.plan, new)
            cells = mine.sheet(one, 2), its.sheet(two, 2)
            assert cells[0].dtype == cells[1].dtype
            assert cells[0].tobytes() == cells[1].tobytes()
            assert map_of(two, its, 2, 0, 0) == replace(map_of(one, mine, 2, 0, 0), value=its)
        key = f"{model.plan.blocks[0].path}.out"
        assert known_crumbs(two.plan, two, f"{key}[0,1]>{other.rename(key)}[0,1]") == f"{other.rename(key)}[0,1]"

    def test_every_kind_of_attention_is_measured_alike(self, pair: tuple[Transformer, Renamed]) -> None:
        model, other = pair
        for stack, name in attention_kinds(model.plan):
            kinds = f"{stack}.{name}", f"{STACKS[stack]}.{name}"
            assert measures_for(other.plan, kinds[1]) == measures_for(model.plan, kinds[0])

    def test_a_link_is_fitted_to_it(self, pair: tuple[Transformer, Renamed]) -> None:
        _, other = pair
        problems: list[Problem] = []
        view = fit_to_model(View(stack="right", block="nonsense", layer=5), other.plan, problems)
        assert (view.stack, view.block) in attention_kinds(other.plan)
        assert block_of(other.plan, view).path.startswith("a.x")
        assert {"block", "layer"} <= {problem.name for problem in problems}
        problems.clear()
        key = all_sites(other.plan)[0].key
        fitted = fit_to_model(replace(view, site=key, layer=0), other.plan, problems)
        assert (fitted.site, problems) == (key, [])
        assert fit_to_model(replace(fitted, stack="encoder"), other.plan, problems).stack == stacks(other.plan)[-1]
