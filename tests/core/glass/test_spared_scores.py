"""Scores that a trace of a long text spares: they are worked out when they are read, and are what the pass showed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import examples
from tests.core.tiny import OTHER_OPTIONS, SHAPES, SOURCE_IDS, TARGET_IDS, make_config, make_model, shape_name, trace_of
from transformer_core.edits.parse import parse_edit
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.errors import NotFiniteError
from transformer_core.glass.sites import all_sites, spared_keys, written_keys
from transformer_core.glass.trace import DERIVED_BYTES, Trace
from transformer_core.transformer.plans import transformer_plan

NAMES = ("scores_raw", "scores_scaled", "scores")
LONG = 4096  # positions with which the scores of a tiny model could outgrow the limit


def spared(site):
    return site.block.role == "attention" and site.name in NAMES


def every_value(model, edit=None):
    """What a pass shows at its hook points, by key, as arrays without the batch, and the trace of the same pass."""
    shown = {}

    def listen(key, x):
        answer = x if edit is None else edit(key, x)
        shown[key] = answer[0].clone().numpy()
        return answer

    return trace_of(model, edit=listen), shown


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_scores_are_spared_where_they_could_take_much(shape):
    small, large = (transformer_plan(make_config(**shape, max_length=n)) for n in (64, LONG))
    assert not spared_keys(small)
    assert spared_keys(large) == {site.key for site in all_sites(large) if spared(site)} != frozenset()
    assert written_keys(small) == written_keys(large)  # a pass shows them all the same, in the same order


@examples(30)
@given(
    shape=st.sampled_from(SHAPES),
    options=st.sampled_from([{}, OTHER_OPTIONS]),
    heads=st.sampled_from([1, 2, 3, 6]),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 1000),
)
def test_what_is_spared_is_what_the_pass_showed(shape, options, heads, dtype, seed):
    """To a unit in the last place per term of the largest sum of absolute terms behind it; all else bit for bit."""
    config = make_config(**shape, **options, n_heads=heads, max_length=LONG)
    model = make_model(config, dtype=dtype, seed=seed)
    trace, shown = every_value(model)
    assert tuple(shown) == written_keys(trace.plan)
    for site in all_sites(trace.plan):
        if site.derived:
            continue
        assert trace.derives(site.key) == spared(site)
        found = trace[site.key]
        assert found.dtype == shown[site.key].dtype
        if not spared(site):
            np.testing.assert_array_equal(found, shown[site.key], err_msg=site.key)
            continue
        q, k = (np.abs(trace[f"{site.block.path}.{name}"]) for name in "qk")
        room = (4 + q.shape[-1]) * np.finfo(found.dtype).eps * (q @ k.transpose(0, 2, 1)).max()
        finite = np.isfinite(shown[site.key])
        np.testing.assert_array_equal(np.isfinite(found), finite)
        assert np.abs(found[finite] - shown[site.key][finite]).max() <= room


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_sparing_changes_no_other_value(shape):
    config = make_config(**shape)
    kept, sparing = make_model(config), make_model(replace(config, max_length=LONG))
    one, other = trace_of(kept), trace_of(sparing)
    for key in set(one) - {site.key for site in all_sites(one.plan) if spared(site)}:
        np.testing.assert_array_equal(one[key], other[key], err_msg=key)
    arrays = [one[site.key] for site in all_sites(one.plan) if spared(site)]  # where nothing is masked two are the same
    assert one.nbytes - other.nbytes == sum({array.ctypes.data: array.nbytes for array in arrays}.values()) > 0


class TestEdited:
    """What is edited is kept, and what follows from it is worked out from there."""

    block = "decoder.1.self_attn"

    def run(self, name, change):
        def edit(key, x):
            return change(x) if key == f"{self.block}.{name}" else x

        return every_value(make_model(make_config(max_length=LONG)), edit)

    @pytest.mark.parametrize("name", NAMES)
    def test_an_edited_one_is_kept(self, name):
        trace, shown = self.run(name, lambda x: x + torch.arange(7.0, dtype=x.dtype))
        assert trace.edited == (f"{self.block}.{name}",)
        for other in NAMES:
            key = f"{self.block}.{other}"
            assert trace.derives(key) == (other != name)
            np.testing.assert_allclose(trace[key], shown[key], rtol=1e-13, atol=1e-13, err_msg=key)
        np.testing.assert_array_equal(trace[f"{self.block}.{name}"], shown[f"{self.block}.{name}"])
        before = trace_of(make_model(make_config(max_length=LONG)))
        assert not np.allclose(trace[f"{self.block}.weights"], before[f"{self.block}.weights"])

    def test_written_in_place(self):
        trace, shown = self.run("scores_raw", lambda x: x.mul_(2))
        assert not trace.derives(f"{self.block}.scores_raw")
        np.testing.assert_array_equal(trace[f"{self.block}.scores_raw"], shown[f"{self.block}.scores_raw"])

    def test_an_edited_mask_masks_the_scores(self):
        trace, shown = self.run("mask", torch.ones_like)
        key = f"{self.block}.scores"
        assert trace.derives(key)
        assert np.isfinite(trace[key]).all()
        np.testing.assert_allclose(trace[key], shown[key], rtol=1e-13, atol=1e-13)

    def test_an_infinity_is_found_where_it_arose(self):
        model = make_model(make_config(max_length=LONG))
        with torch.no_grad():
            model.decoder.layers[0].self_attn.W_Q.mul_(1e200)
            model.decoder.layers[0].self_attn.W_K.mul_(1e200)
        with pytest.raises(NotFiniteError) as caught:
            trace_of(model)
        assert caught.value.fields["name"] == "decoder.0.self_attn.scores_raw"


EDITS = (
    ("zero:encoder.1.ffn.out:0",),
    ("off:decoder.0.self_attn:1", "off:decoder.1.cross_attn:0"),
    ("forbid:decoder.1.self_attn:2-1",),
    ("forbid:decoder.1.self_attn:1-2",),  # what is forbidden anyway: nothing follows
    ("temperature:decoder.0.cross_attn:0:2.0", "zero:decoder.1.add1:3"),
)


@pytest.mark.parametrize("texts", EDITS, ids="+".join)
def test_what_an_edit_changes_is_told_the_same(texts):
    told = []
    for n in (19, LONG):
        model = make_model(make_config(max_length=n), dtype=torch.float32)
        trace = run_with_edits(model, SOURCE_IDS, TARGET_IDS, [parse_edit(text, model.plan) for text in texts])
        told.append((trace.edits, trace.changed, trace.edited))
    assert told[0] == told[1]


def test_saved_it_is_left_out_and_read_all_the_same(tmp_path):
    model = make_model(make_config(max_length=LONG))
    edited = "encoder.0.self_attn.scores"
    trace = trace_of(model, edit=lambda key, x: x + 1 if key == edited else x)
    trace.save(tmp_path / "trace.npz")
    with np.load(tmp_path / "trace.npz") as file:
        names = set(file.files)
    assert not (spared_keys(trace.plan) - {edited}) & names
    loaded = Trace.load(tmp_path / "trace.npz")
    assert edited in names
    for key in trace:
        np.testing.assert_array_equal(loaded[key], trace[key], err_msg=key)


def test_what_is_worked_out_stays_only_as_far_as_it_is_small(monkeypatch):
    trace = trace_of(make_model(make_config(max_length=LONG)))
    keys = sorted(spared_keys(trace.plan))
    assert trace[keys[0]] is trace[keys[0]]
    assert DERIVED_BYTES >= 2**20
    monkeypatch.setattr("transformer_core.glass.trace.DERIVED_BYTES", trace[keys[0]].nbytes)
    first, held = trace[keys[0]], trace.nbytes
    for key in keys:
        trace[key]
    assert trace[keys[0]] is not first
    np.testing.assert_array_equal(trace[keys[0]], first)
    assert trace[keys[-1]] is not None
    assert trace.nbytes == held
    assert sum(array.nbytes for array in trace._derived.values()) <= 2 * first.nbytes
