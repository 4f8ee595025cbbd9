"""One traced pass holds every step of a decoding: row t, restricted to keys up to t, is step t."""

import numpy as np
import pytest
import torch

from tests.cases import crossed
from tests.core.tiny import (
    DECODER_SHAPES,
    OTHER_OPTIONS,
    SOURCE,
    SOURCE_IDS,
    TARGET,
    TARGET_IDS,
    T,
    make_config,
    make_model,
    shape_name,
    trace_of,
)
from transformer_core.glass.sites import all_sites
from transformer_core.transformer.plans import transformer_plan

on_decoders = pytest.mark.parametrize("shape", DECODER_SHAPES, ids=shape_name)
OPTIONS = {"default": {}, "others": OTHER_OPTIONS}
with_options = pytest.mark.parametrize(("shape", "options"), crossed(DECODER_SHAPES, OPTIONS))


def up_to(trace, key, n_steps):
    """A value's part that belongs to the first `n_steps` target positions: on each axis of target positions, those."""
    sides = trace.site(key).sides
    return trace[key][tuple(slice(n_steps) if side == "target" else slice(None) for side in sides)]


def decoder_keys(config):
    return [
        site.key for site in all_sites(transformer_plan(config)) if not site.key.startswith(("src_embed", "encoder"))
    ]


@with_options
def test_row_t_restricted_to_keys_up_to_t_is_step_t(shape, options):
    model = make_model(make_config(**shape, **options))
    whole = trace_of(model)
    for t in range(T):
        step = trace_of(model, target=TARGET_IDS[: t + 1])
        for key in decoder_keys(model.config):
            np.testing.assert_allclose(
                up_to(whole, key, t + 1), step[key], rtol=1e-12, atol=1e-12, err_msg=f"{key}, step {t}"
            )


@on_decoders
def test_every_decoder_site_has_a_target_axis_to_slice(shape):
    """All but the keys and values of cross-attention, which are made of the source alone."""
    config = make_config(**shape)
    without = {
        site.key
        for site in all_sites(transformer_plan(config))
        if site.key in decoder_keys(config) and "target" not in site.sides
    }
    crossing = {f"decoder.{i}.cross_attn.{name}" for i in range(2) for name in "kv"}
    assert without == (crossing if config.has_cross_attention else set())


@with_options
def test_changing_a_later_token_changes_no_earlier_value(shape, options):
    model = make_model(make_config(**shape, **options))
    whole = trace_of(model)
    for changed in range(1, T):
        ids = [*TARGET_IDS]
        ids[changed] = 9
        other = trace_of(model, target=ids)
        for key in decoder_keys(model.config):
            np.testing.assert_array_equal(
                up_to(other, key, changed), up_to(whole, key, changed), err_msg=f"{key}, token {changed}"
            )
        assert not np.allclose(other["head.logits"][changed], whole["head.logits"][changed])


@on_decoders
def test_every_earlier_token_changes_the_last_logits(shape):
    """The other half of causality: nothing that was read is lost."""
    model = make_model(**shape)
    expected = trace_of(model)["head.logits"][-1]
    for changed in range(T):
        ids = [*TARGET_IDS]
        ids[changed] = 9
        assert not np.allclose(trace_of(model, target=ids)["head.logits"][-1], expected), changed


def test_an_encoder_looks_ahead():
    """The comparison can fail: in an encoder a later token does change earlier values."""
    model = make_model(architecture="encoder-only")
    other = trace_of(model, source=[*SOURCE_IDS[:-1], 9])
    assert not np.allclose(other["head.logits"][:-1], trace_of(model)["head.logits"][:-1])


@on_decoders
def test_target_padding_on_the_right_is_never_read(shape):
    model = make_model(**shape)
    source = SOURCE[1:] if model.config.has_encoder else None
    short = model(source, TARGET[1:, :3])
    torch.testing.assert_close(model(source, TARGET[1:])[:, :3], short, rtol=0, atol=1e-12)


class TestCache:
    """Logits of a cached decoding against one pass without a cache, for a batch with padding in source and target."""

    @pytest.mark.parametrize(
        ("shape", "options", "chunks"),
        crossed(DECODER_SHAPES, OPTIONS, [[1] * T, [T], [3, 1, 2, 1], [1, 5, 1]]),
    )
    def test_cached_and_uncached_logits_agree(self, shape, options, chunks):
        model = make_model(make_config(**shape, **options))
        source, memory, expected = self.uncached(model)
        caches, parts, start = model.new_caches(), [], 0
        for size in chunks:
            parts.append(model.head(model.decode(TARGET[:, start : start + size], memory, source, caches)))
            start += size
        assert start == T
        torch.testing.assert_close(torch.cat(parts, dim=1), expected, rtol=0, atol=1e-10)

    @on_decoders
    def test_a_cache_holds_one_key_and_value_per_position_read(self, shape):
        model = make_model(**shape)
        source, memory, _ = self.uncached(model)
        caches = model.new_caches()
        for t in range(3):
            model.decode(TARGET[:, t : t + 1], memory, source, caches)
            assert {cache.self_attn.k.shape for cache in caches} == {(2, 3, t + 1, 4)}
            assert {cache.self_attn.v.shape for cache in caches} == {(2, 3, t + 1, 4)}
        crossed = {cache.cross_attn.k.shape if cache.cross_attn.k is not None else None for cache in caches}
        assert crossed == {(2, 3, 5, 4) if model.config.has_cross_attention else None}

    @on_decoders
    def test_two_decodings_do_not_share_a_cache(self, shape):
        model = make_model(**shape)
        source, memory, expected = self.uncached(model)
        one, other = model.new_caches(), model.new_caches()
        for t in range(T):
            step = model.head(model.decode(TARGET[:, t : t + 1], memory, source, one))
            model.decode(TARGET.flip(0)[:, t : t + 1], memory, source, other)
            torch.testing.assert_close(step[:, 0], expected[:, t], rtol=0, atol=1e-10)

    @staticmethod
    def uncached(model):
        source = SOURCE if model.config.has_encoder else None
        memory = None if source is None else model.encode(source)
        return source, memory, model(source, TARGET)
