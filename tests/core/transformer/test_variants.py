"""What holds for the paper's model holds for every variant: edits, steps, caches, batches, costs, files."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.cases import crossed
from tests.core.decoding_models import PREFIXES, RULES, assert_same, three_sources
from tests.core.edits.test_edits import edit_of
from tests.core.explained import DOUBLE_PRECISION, check_cells, check_sites
from tests.core.tiny import SOURCE, SOURCE_IDS, TARGET, TARGET_IDS, VARIANTS, T, batch_for, make_model, trace_of
from tests.core.transformer.test_causality import up_to
from transformer_core.decoding.cost import step_costs
from transformer_core.decoding.decode import cache_difference, decode
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.sites import written_keys
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import with_role
from transformer_core.models.configs import load_config
from transformer_core.models.files import save_model
from transformer_core.models.weights import load_weights
from transformer_core.studies.heads.attention_blocks import transfer
from transformer_core.studies.heads.head_measures import measure
from transformer_core.studies.importance import all_heads, head_importance
from transformer_core.studies.logit_lens import lens_keys, read_early
from transformer_core.transformer.model import Transformer

CLOSE = {"rtol": 0, "atol": 1e-12}
WRITERS = [name for name, config in VARIANTS.items() if config.has_decoder]
on_all = some = pytest.mark.parametrize("name", VARIANTS)
on_writers = pytest.mark.parametrize("name", WRITERS)


def words(config):
    read = [config.bos_id, *TARGET_IDS[1:]]
    return SOURCE_IDS if config.has_encoder else None, read if config.has_decoder else None


def edited(model, text):
    return run_with_edits(model, *words(model.config), parse_edits(text, model.plan))


class TestEdits:
    @some
    def test_an_edit_of_any_value_changes_what_follows_and_nothing_before(self, name):
        model = make_model(VARIANTS[name], seed=1)  # no weight is so near 0 that its cell in the mask means nothing
        plain, keys, n_segments = trace_of(model), written_keys(model.plan), model.config.embedding.segments
        for number, key in enumerate(keys):
            site, asked = plain.site(key), {}
            if site.name == "segments" and n_segments == 1:  # a table of one row has no other
                continue

            def edit(heard, x, key=key, site=site, asked=asked):
                if heard == key:
                    asked[key] = 1 - x if site.name == "segments" else edit_of(site, x)
                return asked[key] if heard == key else x

            trace = trace_of(model, edit=edit)
            assert trace.edited == (key,)
            np.testing.assert_array_equal(trace[key], asked[key][0], err_msg=key)
            for earlier in keys[:number]:
                np.testing.assert_array_equal(trace[earlier], plain[earlier], err_msg=f"{earlier}, edited {key}")
            assert not np.allclose(trace[keys[-1]], plain[keys[-1]], **CLOSE), key

    @on_all
    def test_a_head_switched_off_is_missing_from_the_sum(self, name):
        """Of grouped heads the others, that share its keys and values, stay."""
        model = make_model(VARIANTS[name])
        plain = run_with_trace(model, *words(model.config))
        for block in with_role(model.plan, "attention"):
            trace = edited(model, f"off:{block.path}:0,2")
            heads = plain[f"{block.path}.head_out"]
            expected = plain[f"{block.path}.out"] - heads[0] - heads[2]
            np.testing.assert_allclose(trace[f"{block.path}.out"], expected, **CLOSE)
            assert trace.changed == (True,)

    @on_all
    def test_a_temperature_divides_what_the_mask_is_added_to(self, name):
        model = make_model(VARIANTS[name])
        plain = run_with_trace(model, *words(model.config))
        for block in with_role(model.plan, "attention"):
            trace = edited(model, f"temperature:{block.path}:1:2.5")
            expected = torch.tensor(plain[f"{block.path}.scores"][1] / 2.5).softmax(dim=-1).numpy()
            np.testing.assert_allclose(trace[f"{block.path}.weights"][1], expected, **CLOSE)
            np.testing.assert_array_equal(trace[f"{block.path}.weights"][0], plain[f"{block.path}.weights"][0])

    @on_all
    def test_norms_and_residuals_are_skipped(self, name):
        model = make_model(VARIANTS[name])
        for block in with_role(model.plan, "norm"):
            trace = edited(model, f"no_norm:{block.path}")
            before = trace.site(f"{block.path}.{block.values[0].name}").formula.sites[0]
            np.testing.assert_array_equal(trace[f"{block.path}.out"], trace[before])
        for block in with_role(model.plan, "add"):
            trace = edited(model, f"no_residual:{block.path}.{block.name}")
            assert trace.changed == (True,)

    @pytest.mark.parametrize(
        ("name", "text", "key"),
        [
            ("llama", "zero:decoder.0.self_attn.k_rot:2", "decoder.0.self_attn.scores_raw"),
            ("llama", "freeze:decoder.1.self_attn.q_rot:*", "decoder.1.self_attn.q_rot"),
            ("llama", "mean:decoder.0.ffn.gated:1,3", "decoder.0.ffn.out"),
            ("t5", "zero:encoder.1.self_attn.bias:*", "encoder.1.self_attn.scores_biased"),
            ("t5", "zero:decoder.0.ffn.gate:2", "decoder.0.ffn.act"),
            ("t5", "mean:head.divided:1", "head.logits"),
            ("bert", "zero:src_embed.segment:*", "src_embed.out"),
            ("bert", "zero:src_embed.ln.out:1", "encoder.0.input"),
        ],
    )
    def test_a_value_that_only_some_have_is_edited_like_any_other(self, name, text, key):
        model = make_model(VARIANTS[name])
        trace, plain = edited(model, text), run_with_trace(model, *words(model.config))
        frozen = text.startswith("freeze")
        assert np.array_equal(trace[key], plain[key]) == frozen
        assert trace.edited == (() if frozen else (text.split(":")[1],))
        for site in written_keys(model.plan):
            if site not in trace.edited:
                found = trace.site(site).formula.recompute(trace)
                np.testing.assert_allclose(found, trace[site], rtol=0, atol=1e-10 * np.abs(plain["head.logits"]).max())


class TestSteps:
    @on_writers
    def test_row_t_restricted_to_keys_up_to_t_is_step_t(self, name):
        model = make_model(VARIANTS[name])
        whole = trace_of(model)
        for t in range(T):
            step = trace_of(model, target=TARGET_IDS[: t + 1])
            for key in whole:
                if not key.startswith(("src_embed", "encoder")):
                    np.testing.assert_allclose(up_to(whole, key, t + 1), step[key], **CLOSE, err_msg=f"{key}, {t}")

    @pytest.mark.slow
    @pytest.mark.parametrize(("name", "chunks"), crossed(WRITERS, [[1] * T, [3, 1, 2, 1], [1, 5, 1]]))
    def test_cached_and_uncached_logits_agree(self, name, chunks):
        """In one batch with padding in source and target."""
        model = make_model(VARIANTS[name])
        source, _ = batch_for(model.config)
        memory = None if source is None else model.encode(source)
        caches, parts, start = model.new_caches(), [], 0
        for size in chunks:
            parts.append(model.head(model.decode(TARGET[:, start : start + size], memory, source, caches)))
            start += size
        torch.testing.assert_close(torch.cat(parts, dim=1), model(source, TARGET), rtol=0, atol=1e-10)
        heads = model.config.n_kv_heads
        assert {cache.self_attn.k.shape for cache in caches} == {(2, heads, T, model.config.d_head)}

    @pytest.mark.parametrize(("name", "rule"), crossed(WRITERS, RULES))
    def test_rows_of_different_length_are_written_as_alone(self, name, rule):
        model = make_model(VARIANTS[name])
        sources = three_sources(model)
        for cached in (True, False):
            together = decode(model, sources, rule, prefixes=PREFIXES, max_length=12, cached=cached)
            for b, one in enumerate(together):
                source = None if sources is None else sources[b][sources[b] != 0][None]
                assert_same(one, decode(model, source, rule, prefixes=[PREFIXES[b]], max_length=12)[0])
                assert cache_difference(model, one) < 1e-11

    @on_writers
    def test_rules_of_all_kinds_share_a_batch(self, name):
        model = make_model(VARIANTS[name])
        sources = three_sources(model)
        together = decode(model, sources, RULES, max_length=9)
        for b, (one, rule) in enumerate(zip(together, RULES, strict=True)):
            source = None if sources is None else sources[b : b + 1]
            assert_same(one, decode(model, source, rule, max_length=9)[0])

    @pytest.mark.slow
    @on_writers
    def test_the_count_of_multiply_adds_is_that_of_the_products_that_run(self, name):
        model, source = make_model(VARIANTS[name], dtype=torch.float32), None
        prefix, encoder_flops = [5, 12, 3, 7, 5, 4], 0
        if model.config.has_encoder:
            source = SOURCE[:1]
            with FlopCounterMode(display=False) as encoder:
                model.encode(source)
            encoder_flops = encoder.get_total_flops()
        with FlopCounterMode(display=False) as whole:
            record = decode(model, source, prefixes=[prefix], max_length=len(prefix))[0]
        n_source = 0 if source is None else source.shape[1]
        cached, _ = step_costs(model.config, reused=0, length=record.held[0][1], source=n_source)
        assert whole.get_total_flops() - encoder_flops == 2 * cached


class TestStudies:
    @pytest.mark.parametrize("name", [name for name, config in VARIANTS.items() if config.head])
    def test_the_lens_reads_the_last_layer_as_the_model_does(self, name):
        config = VARIANTS[name]
        trace = trace_of(make_model(config))
        first, *outs = lens_keys(trace.plan)
        assert first == ("src_embed.ln.out" if config.embedding.norm else "tgt_embed.out")
        assert len(outs) == 2
        np.testing.assert_allclose(read_early(trace, outs[-1]), trace["head.probs"], **CLOSE)

    @on_all
    def test_heads_are_measured_and_what_they_hand_on_is_their_part_of_the_output(self, name):
        trace = trace_of(make_model(VARIANTS[name]))
        for block in with_role(trace.plan, "attention"):
            found = measure(trace, block.path)
            assert {values.shape for values in found.values()} == {(VARIANTS[name].n_heads,)}
            handed = trace[f"{block.path}.weights"][..., None] * parts(trace, block)[:, None]  # [H, Q, K, D]
            np.testing.assert_allclose(transfer(trace, block.path), np.linalg.norm(handed, axis=-1), rtol=1e-9)
            np.testing.assert_allclose(handed.sum(axis=2), trace[f"{block.path}.head_out"], rtol=0, atol=1e-11)

    @on_writers
    def test_a_head_is_as_important_as_its_edit_says(self, name):
        model = make_model(VARIANTS[name])
        source, target = words(model.config)
        right = [*target[1:], 3]
        found = head_importance(model, source, right)
        assert found.heads == all_heads(model.plan)
        for head, losses in zip(found.heads, found.losses, strict=True):
            probs = edited(model, f"off:{head.block}:{head.index}")["head.probs"]
            np.testing.assert_allclose(losses, -np.log(probs[range(len(right)), right]), rtol=1e-9, atol=1e-11)


def parts(trace, block):
    """What each key would hand on if it got all the attention, [H, K, D]: the v that a head shares, through its W_O."""
    v, W_O = trace[f"{block.path}.v"], trace.parameters[f"{block.path}.W_O"]
    n_heads = trace[f"{block.path}.z"].shape[0]
    width = v.shape[2]
    rows = [W_O[head * width : (head + 1) * width] for head in range(n_heads)]
    return np.stack([v[head * len(v) // n_heads] @ rows[head] for head in range(n_heads)])


class TestFiles:
    @some
    def test_a_trace_comes_back_and_is_explained_from_the_file_alone(self, name, tmp_path):
        trace = trace_of(make_model(VARIANTS[name]))
        trace.save(tmp_path / "trace.npz")
        loaded = Trace.load(tmp_path / "trace.npz")
        assert loaded.plan == trace.plan
        for key in trace:
            np.testing.assert_array_equal(loaded[key], trace[key], err_msg=key)
        check_sites(loaded, DOUBLE_PRECISION)
        check_cells(loaded, DOUBLE_PRECISION, np.random.default_rng(0), n_cells=1)

    @on_all
    def test_a_model_comes_back(self, name, tmp_path):
        model = make_model(VARIANTS[name], dtype=torch.float32)
        save_model(tmp_path, model, None, None, dtype=torch.float32)
        found = Transformer(load_config(tmp_path / "config.json")).eval()
        load_weights(found, tmp_path / "model.safetensors")
        assert found.config == model.config
        ids = batch_for(model.config)
        torch.testing.assert_close(found(*ids), model(*ids), rtol=0, atol=0)
