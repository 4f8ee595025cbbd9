"""The map's data: every byte is a true value of the trace, ranges and shapes are the site's, in the run's order."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from figures.explore.architecture import BLOCKED, DIMENSIONS, WIDE, ZERO, architecture
from tests.core.tiny import NORMS, D, E, F, H, S, T, make_config, make_model, trace_of
from tests.figures.explore.map_pictures import WRITTEN_IDS, cells, pictures, plain, rows_of, traced
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import norms_first
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig

LAYERS = (("encoder", 0), ("encoder", 1), ("decoder", 0), ("decoder", 1))
MOST_BYTES = 300_000


@pytest.fixture(params=NORMS)
def trace(request: pytest.FixtureRequest) -> Trace:
    return traced(request.param)


def kinds(layer: list[dict[str, Any]]) -> list[str]:
    return [part["kind"] for part in layer]


def test_strips_are_the_traces_values_as_bytes(trace: Trace) -> None:
    strips = [p for p in pictures(architecture(trace)) if not p["key"].endswith("weights")]
    # embedding and output of both sides; per layer q, k, v of an attention, one add & norm a block, the feed-forward
    n_post = 4 + 2 * (3 + 2 + 1) + 2 * (6 + 3 + 1)
    assert len(strips) == n_post + (2 * (2 + 3) if norms_first(trace.plan, "encoder") else 0)
    for strip in strips:
        rows = rows_of(trace[strip["key"]])  # all dimensions: there are fewer than fit
        assert_array_equal(cells(strip), np.round(rows / np.abs(rows).max() * 127) + 127, strip["key"])
        assert cells(strip).max() <= 254  # 255 is a blocked cell, never a number


@pytest.mark.parametrize("norm", NORMS)
def test_wide_vectors_show_evenly_spaced_dimensions_from_the_first_to_the_last(norm: str) -> None:
    wide, inner = 54, 101  # steps of 53 / 23 and 100 / 47: the nearest dimension is shown
    trace = traced(norm, wide, inner)
    for strip in pictures(architecture(trace)):
        if strip["key"].endswith("weights"):
            continue
        rows = rows_of(trace[strip["key"]])
        n, of = (WIDE, inner) if strip["key"].endswith("ffn.act") else (DIMENSIONS, wide)
        assert rows.shape[1] == of
        shown = [int(0.5 + i * (of - 1) / (n - 1)) for i in range(n)]
        assert (shown[0], shown[-1], len(set(shown))) == (0, of - 1, n)
        part = rows[:, shown]
        assert_array_equal(cells(strip), np.round(part / np.abs(part).max() * 127) + 127, strip["key"])
        assert plain(strip["high"]) == pytest.approx(rows.max(), abs=6e-4)  # of all, not only of what is shown
        assert plain(strip["low"]) == pytest.approx(rows.min(), abs=6e-4)


def test_matrices_are_the_mean_of_the_heads_scaled_to_its_largest(trace: Trace) -> None:
    matrices = [p for p in pictures(architecture(trace)) if p["key"].endswith("weights")]
    assert len(matrices) == 2 + 2 * 2
    for matrix in matrices:
        weights = trace[matrix["key"]]
        allowed = trace[matrix["key"].replace("weights", "mask")]
        mean = sum(weights[h] for h in range(H)) / H
        found = cells(matrix)
        assert found.shape == weights.shape[1:]
        assert_array_equal(found[allowed], np.round(mean / mean.max() * 254)[allowed])
        assert_array_equal(found[~allowed], BLOCKED)
        assert (found[allowed].max(), (found == BLOCKED).sum()) == (254, (~allowed).sum())


def test_only_the_decoders_own_attention_has_blocked_cells(trace: Trace) -> None:
    for matrix in (p for p in pictures(architecture(trace)) if p["key"].endswith("weights")):
        later = np.triu(np.ones((matrix["rows"], matrix["columns"]), bool), 1)
        own = matrix["key"].startswith("decoder") and "self_attn" in matrix["key"]
        assert_array_equal(cells(matrix) == BLOCKED, later if own else np.zeros_like(later))


def test_ranges_and_shapes_are_the_sites_own(trace: Trace) -> None:
    found = list(pictures(architecture(trace)))
    assert len({p["key"] for p in found}) == len(found)
    for picture in found:
        values = trace[picture["key"]]
        assert picture["shape"] == " × ".join(str(n) for n in values.shape)
        assert plain(picture["low"]) == pytest.approx(values.min(), rel=6e-3, abs=6e-4)
        assert plain(picture["high"]) == pytest.approx(values.max(), rel=6e-3, abs=6e-4)


def test_zero_is_the_middle_and_a_strip_of_zeros_is_blank() -> None:
    model = make_model()
    for name, parameter in model.named_parameters():
        if name.endswith(("ffn.W_1", "ffn.b_1")):
            parameter.data.zero_()
    for strip in pictures(architecture(trace_of(model, written_ids=WRITTEN_IDS))):
        if strip["key"].endswith("ffn.act"):
            assert_array_equal(cells(strip), np.full((strip["rows"], F), ZERO))
            assert (strip["low"], strip["high"]) == ("0.000", "0.000")


def test_a_part_has_one_row_per_word_it_is_made_of(trace: Trace) -> None:
    """The decoder asks with its own words, and finds keys and values made of the source's."""
    lanes = architecture(trace)["lanes"]
    for side, n in (("encoder", S), ("decoder", T)):
        for layer in lanes[side]["layers"]:
            for part in layer:
                keys = S if part["kind"] == "cross_attn" else n
                if "matrix" in part:
                    assert [part[letter]["rows"] for letter in "qkv"] == [n, keys, keys]
                    assert (part["matrix"]["rows"], part["matrix"]["columns"]) == (n, keys)
                    assert [part[letter]["columns"] for letter in "qkv"] == [H * E] * 3
                else:
                    assert part["strip"]["rows"] == n


@pytest.mark.parametrize(("side", "i"), LAYERS)
def test_parts_stand_in_the_order_of_computation(side: str, i: int) -> None:
    """Post-norm adds before it normalises, pre-norm normalises first: the picture shows where the norms sit."""
    blocks = ["self_attn", "cross_attn", "ffn"] if side == "decoder" else ["self_attn", "ffn"]
    post = architecture(traced("post"))["lanes"][side]["layers"][i]
    pre = architecture(traced("pre"))["lanes"][side]["layers"][i]
    assert kinds(post) == [kind for block in blocks for kind in (block, "add_norm")]
    assert kinds(pre) == [kind for block in blocks for kind in ("norm", block, "add")]
    for norm, layer in (("post", post), ("pre", pre)):
        order = list(traced(norm))
        keys = [p["key"] for part in layer for p in pictures(part)]
        assert keys == sorted(keys, key=order.index)
        assert all(key.startswith(f"{side}.{i}.") for key in keys)


def test_an_attention_tells_how_much_each_word_is_looked_at_and_a_sum_how_much_is_added(trace: Trace) -> None:
    for side, i in LAYERS:
        parts = architecture(trace)["lanes"][side]["layers"][i]
        looks = [part for part in parts if "looked" in part]
        for part in looks:
            weights = trace[part["matrix"]["key"]]
            asking = weights.shape[0] * weights.shape[1]
            assert part["looked"] == pytest.approx(np.einsum("hqk->k", weights) / asking, abs=6e-5)
            assert sum(part["looked"]) == pytest.approx(1, abs=1e-3)
        sums = [part["added"] for part in parts if "added" in part]
        assert len(sums) == len(looks) + 1
        streams = ["input", *([f"ln{n}.out", f"add{n}"][norms_first(trace.plan, side)] for n in range(1, len(sums)))]
        blocks = ["self_attn", *(["cross_attn"] if side == "decoder" else []), "ffn"]
        for shares, stream, block in zip(sums, streams, blocks, strict=True):
            before, added = (np.sqrt((trace[f"{side}.{i}.{key}"] ** 2).sum(axis=1)) for key in (stream, f"{block}.out"))
            assert shares == pytest.approx(added / (before + added), abs=6e-5), (side, i, block)


def test_words_and_how_sure_the_model_is(trace: Trace) -> None:
    model = architecture(trace)
    read = {stack: [w["text"] for w in lane["words"]] for stack, lane in model["lanes"].items()}
    assert read == {"encoder": list(trace.source_tokens), "decoder": list(trace.target_tokens)}
    assert [w["text"] for w in model["written"]] == list(trace.written_tokens)
    assert [w["special"] for w in model["written"]] == [False] * (T - 1) + [True]
    probs = trace["head.probs"]
    assert model["probs"] == [pytest.approx(probs[t, i], abs=6e-6) for t, i in enumerate(WRITTEN_IDS)]
    assert [lane["embedding"]["key"] for lane in model["lanes"].values()] == ["src_embed.out", "tgt_embed.out"]
    assert [lane["out"]["key"] for lane in model["lanes"].values()] == ["encoder.out", "decoder.out"]


def test_the_facts_are_the_configs() -> None:
    facts = {"d_model": D, "n_heads": H, "d_head": E, "d_ff": F}
    for norm in NORMS:
        assert architecture(traced(norm))["facts"] == {**facts, "norm": norm}


@pytest.mark.parametrize(("n_encoder", "n_decoder"), [(1, 3), (3, 1)])
def test_the_map_has_as_many_layers_as_the_model(n_encoder: int, n_decoder: int) -> None:
    model = make_model(make_config(n_encoder_layers=n_encoder, n_decoder_layers=n_decoder))
    lanes = architecture(trace_of(model, written_ids=WRITTEN_IDS))["lanes"]
    assert {side: len(lane["layers"]) for side, lane in lanes.items()} == {"encoder": n_encoder, "decoder": n_decoder}


def test_the_longest_sentence_of_a_bundled_shape_stays_small() -> None:
    config = TransformerConfig(
        architecture="encoder-decoder",
        d_model=192,
        attention=AttentionConfig(4),
        feed_forward=FeedForwardConfig(768),
        n_encoder_layers=3,
        n_decoder_layers=3,
        source_vocab_size=101,
        target_vocab_size=103,
    )
    n = config.max_length
    ids, tokens = [3 + i for i in range(n)], [f"Donaudampfschifffahrt{i}" for i in range(n)]
    words = {"source_tokens": tokens, "target_tokens": tokens, "written_tokens": tokens}
    trace = trace_of(make_model(config), ids, [1, *ids[:-1]], written_ids=ids, **words)
    payload = json.dumps(architecture(trace), allow_nan=False)
    assert 100_000 < len(payload.encode()) < MOST_BYTES


def test_the_payload_is_plain_json_and_the_trace_stays_as_it_was(trace: Trace) -> None:
    before = {key: trace[key].copy() for key in trace}
    model = architecture(trace)
    assert json.loads(json.dumps(model, allow_nan=False)) == model
    assert all(np.array_equal(trace[key], before[key], equal_nan=True) for key in trace)
