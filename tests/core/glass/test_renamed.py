"""No key is taken apart: a model whose blocks and stacks are called otherwise gives the same numbers everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.core.decoding_models import often_ending
from tests.core.edits.test_edit_list import BREAKS, TEXTS
from tests.core.renamed import Renamed, equal, renamed_edit
from tests.core.tiny import (
    DECODER_SHAPES,
    OTHER_OPTIONS,
    SHAPES,
    SOURCE_IDS,
    TARGET_IDS,
    make_config,
    make_model,
    shape_name,
    trace_of,
)
from transformer_core.edits.parse import breaks_causality, parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.compare import has_difference, run_difference
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.formulas import difference, find_formula, provenance
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.glass.trace import Trace
from transformer_core.models.glass import Glass
from transformer_core.studies.errors import SameOutputError
from transformer_core.studies.heads.attention_blocks import attention_blocks, transfer
from transformer_core.studies.heads.head_table import Head, head_labels, measures_of
from transformer_core.studies.importance import head_importance, words_without
from transformer_core.studies.logit_lens import lens_keys, read_early
from transformer_core.studies.mask_effects import compare_padding, future_seen
from transformer_core.studies.patching import contrast, patch_map, patchable_sites
from transformer_core.transformer.model import Transformer

OTHER_IDS = [6, 9, 11, 4, 2]
EDITS = [text.replace("我有 a%3Bb%3Ac%25", "other") for text in TEXTS] + [text for text in BREAKS if ";" not in text]

Pair = tuple[Transformer, Renamed]


@pytest.fixture(
    params=[
        pytest.param((shape, options), marks=() if (i + bool(options)) % 2 else pytest.mark.slow)
        for i, shape in enumerate(SHAPES)
        for options in ({}, OTHER_OPTIONS)
    ],
    ids=lambda p: shape_name(p[0]) + ("-others" if p[1] else ""),
)
def pair(request: pytest.FixtureRequest) -> Pair:
    shape, options = request.param
    model = make_model(make_config(**shape, **options))
    return model, Renamed(model)


@pytest.fixture(scope="module")
def translators() -> Pair:
    model = make_model()
    return model, Renamed(model)


@pytest.fixture(scope="module")
def plain(translators: Pair) -> tuple[Trace, Trace]:
    """The runs of both without edits."""
    return trace_of(translators[0]), trace_of(translators[1])


class TestTheGlass:
    def test_not_one_name_is_the_old_one(self, pair: Pair) -> None:
        model, other = pair
        for list_of in (all_sites, all_parameters):
            names = [{getattr(one, "key", "") or one.name for one in list_of(m.plan)} for m in pair]  # type: ignore[operator]
            assert not names[0] & names[1]
            assert len(names[0]) == len(names[1])
        assert not {block.stack for block in model.plan.blocks} & {block.stack for block in other.plan.blocks} - {""}
        if model.config.has_cross_attention:
            assert other.rename("decoder.1.cross_attn.q").startswith("a.x")

    @pytest.mark.slow
    def test_it_traces_and_explains_the_same_numbers(self, pair: Pair) -> None:
        model, other = pair
        one, two = trace_of(model), trace_of(other)
        assert list(two) == [other.rename(key) for key in one]
        assert set(two.parameters) == {other.rename(name) for name in one.parameters}
        for key in one:
            new = other.rename(key)
            equal(two[new], one[key], key)
            assert two.tokens_of(new) == one.tokens_of(key)
            assert difference(two, new) == difference(one, key)
            assert provenance(two.plan, new) == tuple(map(other.rename, provenance(one.plan, key)))
            index = tuple(n // 2 for n in one[key].shape)
            cells = [find_formula(trace.plan, name).terms(trace, index) for trace, name in ((one, key), (two, new))]
            assert (cells[0].total, cells[0].operation.name) == (cells[1].total, cells[1].operation.name)
            for mine, its in zip(*((*cell.factors, *cell.singles) for cell in cells), strict=True):
                assert its.key == (mine.key and other.rename(mine.key))
                assert its.index == mine.index
                equal(its.values, mine.values, key)

    @pytest.mark.slow
    def test_it_is_saved_and_loaded(self, pair: Pair, tmp_path: Path) -> None:
        trace = trace_of(pair[1])
        trace.save(tmp_path / "trace.npz")
        loaded = Trace.load(tmp_path / "trace.npz")
        assert loaded.plan == trace.plan
        for key in trace:
            equal(loaded[key], trace[key], key)

    def test_an_old_name_is_unknown(self, translators: Pair) -> None:
        with pytest.raises(UnknownSiteError, match=r"nearest are a\.x"):
            trace_of(translators[1])["encoder.0.self_attn.q"]


class TestEdits:
    @pytest.mark.parametrize("text", EDITS)
    def test_every_edit_makes_the_same_run(self, translators: Pair, plain: tuple[Trace, Trace], text: str) -> None:
        model, other = translators
        new = renamed_edit(text, model.plan, other.rename)
        assert new != text or text.startswith("drop")
        traces = [
            run_with_edits(m, SOURCE_IDS, TARGET_IDS, parse_edits(t, m.plan), encode={"other": OTHER_IDS}.__getitem__)
            for m, t in ((model, text), (other, new))
        ]
        for key in traces[0]:
            equal(traces[1][other.rename(key)], traces[0][key], key)
        assert traces[1].edits == (new,)
        assert traces[1].edited == tuple(map(other.rename, traces[0].edited))
        assert (traces[1].changed, traces[1].breaks_causality) == (traces[0].changed, traces[0].breaks_causality)
        for key in traces[0]:
            assert has_difference(other.plan, other.rename(key)) == has_difference(model.plan, key)
        differences = [run_difference(traces[0], plain[0], "head.logits")]
        differences.append(run_difference(traces[1], plain[1], other.rename("head.logits")))
        equal(*differences)

    @pytest.mark.parametrize("text", [text for text in BREAKS if ";" in text])
    def test_causality_is_told_from_several_alike(self, translators: Pair, text: str) -> None:
        model, other = translators
        new = ";".join(renamed_edit(part, model.plan, other.rename) for part in text.split(";"))
        assert breaks_causality(parse_edits(new, other.plan), other.plan, 7) == BREAKS[text]


class TestStudies:
    def test_every_head_has_the_same_measures_and_names(self, pair: Pair) -> None:
        model, other = pair
        one, two = trace_of(model), trace_of(other)
        tables = measures_of(one), measures_of(two)
        assert tables[1].heads == tuple(Head(other.rename(head.block), head.index) for head in tables[0].heads)
        for name, values in tables[0].values.items():
            equal(tables[1].values[name], values, name)
        names = [[[label.name for label in labels] for labels in head_labels(table)] for table in tables]
        assert names[0] == names[1]
        for block in attention_blocks(model.plan):
            equal(transfer(two, other.rename(block)), transfer(one, block), block)

    @pytest.mark.parametrize("shape", DECODER_SHAPES, ids=shape_name)
    def test_every_head_is_as_important(self, shape: dict[str, str]) -> None:
        model = make_model(**shape)
        other, source = Renamed(model), SOURCE_IDS if model.config.has_encoder else None
        one, two = (head_importance(m, source, [5, 12, 3, 2]) for m in (model, other))
        assert two.heads == tuple(Head(other.rename(head.block), head.index) for head in one.heads)
        equal(two.losses, one.losses)
        equal(two.best, one.best)

    def test_without_a_head_it_writes_the_same(self, translators: Pair) -> None:
        model, other = translators
        heads = [None, Head("encoder.1.self_attn", 1), Head("decoder.0.cross_attn", 2)]
        renamed = [head and Head(other.rename(head.block), head.index) for head in heads]
        assert words_without(model, SOURCE_IDS, heads) == words_without(other, SOURCE_IDS, renamed)

    def test_every_vector_restores_as_much(self) -> None:
        first, second = [3, 16, 7, 16, 2], [3, 16, 11, 16, 2]
        for seed in range(20):
            model = often_ending({}, seed)
            other = Renamed(model)
            try:
                found = [contrast(m, first, second) for m in (model, other)]
            except SameOutputError:
                continue
            assert patchable_sites(other.plan) == tuple(map(other.rename, patchable_sites(model.plan)))
            one, two = (patch_map(m, pair) for m, pair in zip((model, other), found, strict=True))
            assert list(two) == [other.rename(key) for key in one]
            for key, shares in one.items():
                equal(two[other.rename(key)], shares, key)
            return
        raise AssertionError("no two sentences were told apart")

    def test_every_layer_is_read_early_alike(self, pair: Pair) -> None:
        model, other = pair
        one, two = trace_of(model), trace_of(other)
        assert lens_keys(other.plan) == tuple(map(other.rename, lens_keys(model.plan)))
        for key in lens_keys(model.plan):
            equal(read_early(two, other.rename(key)), read_early(one, key), key)

    def test_masks_do_the_same(self, translators: Pair) -> None:
        one, two = (compare_padding(m, SOURCE_IDS, TARGET_IDS, 3) for m in translators)
        assert one == two
        assert one.open > 1e-6
        text = "mask:decoder.*.self_attn:none"
        for m, edit in zip(
            translators, (text, renamed_edit(text, translators[0].plan, translators[1].rename)), strict=True
        ):
            masks = parse_edits(edit, m.plan)
            listener = Glass("tiny", m, None, None).listener(masks)
            assert listener is not None
            made = listener(torch.tensor([SOURCE_IDS]), torch.tensor([TARGET_IDS]))
            assert future_seen(m, SOURCE_IDS, TARGET_IDS, 9) == 0
            assert future_seen(m, SOURCE_IDS, TARGET_IDS, 9, made) > 1e-3
