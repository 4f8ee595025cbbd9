"""The five families of Hugging Face: logits, every hidden state, every attention map, and what they write."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from tests.core.explained import DOUBLE_PRECISION, check_cells, check_sites
from tests.core.families import FAMILIES, LAYERS, pair
from tests.core.hf import doubled
from transformer_core.decoding.decode import cache_difference, decode
from transformer_core.decoding.rules import GREEDY
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.transformer.plans import transformer_plan

WRITERS = [name for name, family in FAMILIES.items() if family.config.has_decoder]
SOURCE = [5, 16, 7, 16, 2, 9, 11, 3, 2, 20, 14, 6, 2]  # three parts, and more tokens than there are near distances
TARGET = [1, 8, 12, 3, 7, 8, 4, 21, 10, 19, 15, 13]
PROMPTS = [[8], [12, 3, 7, 15, 21, 9], [4, 6]]
LONGEST = 15


@pytest.fixture(params=FAMILIES)
def name(request):
    return request.param


def segments(ids, config):
    """Their input for the parts of a text, as their tokenizers make it."""
    ends = np.cumsum([i == config.eos_id for i in ids])
    return torch.tensor([np.minimum(np.append(0, ends[:-1]), config.embedding.segments - 1).tolist()])


def words(config):
    target = [config.bos_id, *TARGET[1:]]
    return SOURCE if config.has_encoder else None, target if config.has_decoder else None


def inputs(config):
    """The arguments of their model for one sentence (pair)."""
    source, target = (None if ids is None else torch.tensor([ids]) for ids in words(config))
    if target is None:
        parts = {"token_type_ids": segments(SOURCE, config)} if config.embedding.segments else {}
        return {"input_ids": source, **parts}
    return {"input_ids": target} if source is None else {"input_ids": source, "decoder_input_ids": target}


def told(output, config):
    """What they tell, under our keys."""
    found = {"head.logits": output.logits} if hasattr(output, "logits") else {}
    stacks = {
        "encoder": ("encoder_hidden_states", "encoder_attentions"),
        "decoder": ("decoder_hidden_states", "decoder_attentions"),
    }
    if not config.has_cross_attention:
        stacks = {"decoder" if config.has_decoder else "encoder": ("hidden_states", "attentions")}
    for stack, (hidden, attentions) in stacks.items():
        states = getattr(output, hidden)
        assert len(states) == LAYERS + 1
        found[f"{stack}.out"] = states[-1]
        found |= {f"{stack}.{i}.input": state for i, state in enumerate(states[:-1])}
        maps = getattr(output, attentions)
        assert len(maps) == LAYERS
        found |= {f"{stack}.{i}.self_attn.weights": one for i, one in enumerate(maps)}
    if config.has_cross_attention:
        found |= {f"decoder.{i}.cross_attn.weights": one for i, one in enumerate(output.cross_attentions)}
    return found


@pytest.mark.peers
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)], ids=["64", "32"])
def test_every_number_that_they_tell_is_ours(name, dtype, tolerance):
    with doubled() if dtype == torch.float64 else nullcontext(), torch.no_grad():
        ours, theirs = pair(name, dtype)
        output = theirs(**inputs(ours.config), output_attentions=True, output_hidden_states=True)
    trace = run_with_trace(ours, *words(ours.config))
    for key, value in told(output, ours.config).items():
        assert value.dtype == dtype, key
        atol = tolerance * max(1.0, float(value.abs().max()))
        np.testing.assert_allclose(trace[key], value[0], rtol=0, atol=atol, err_msg=key)


@pytest.mark.peers
def test_padding_beside_a_longer_text_changes_nothing(name):
    """In a batch, with their attention mask, every real position has their logits."""
    short = 9
    with doubled(), torch.no_grad():
        ours, theirs = pair(name)
        config, given = ours.config, inputs(ours.config)
        batch = {key: ids.repeat(2, 1) for key, ids in given.items()}
        padded = "input_ids" if config.has_encoder else next(iter(given))
        batch[padded][1, short:] = config.pad_id
        real = torch.ones_like(batch[padded])
        real[1, short:] = 0
        output = theirs(**batch, attention_mask=real)
    source = batch["input_ids"] if config.has_encoder else None
    target = batch.get("decoder_input_ids", batch["input_ids"]) if config.has_decoder else None
    found = ours(source, target)
    expected = output.logits if hasattr(output, "logits") else output.last_hidden_state
    rows = slice(None) if config.has_cross_attention else slice(short)
    atol = 1e-12 * float(expected.abs().max())
    for row, part in ((0, slice(None)), (1, rows)):
        torch.testing.assert_close(found[row, part], expected[row, part], rtol=0, atol=atol)


@pytest.mark.peers
def test_every_value_is_recomputed_and_explained(name):
    with doubled():
        ours, _ = pair(name)
    trace = run_with_trace(ours, *words(ours.config))
    check_sites(trace, DOUBLE_PRECISION)
    check_cells(trace, DOUBLE_PRECISION, np.random.default_rng(0))


@pytest.mark.peers
@pytest.mark.parametrize("name", WRITERS)
def test_greedy_decoding_writes_what_generate_writes(name):
    """Rows of different length in one batch, with a cache and without; theirs one by one."""
    with doubled(), torch.inference_mode():
        ours, theirs = pair(name)
        config = ours.config
        options = {"do_sample": False, "num_beams": 1, "pad_token_id": 0, "eos_token_id": config.eos_id}
        if config.has_encoder:
            texts = [torch.tensor([SOURCE[:n]]) for n in (13, 4, 8)]
            expected = [theirs.generate(text, max_new_tokens=LONGEST, **options)[0].tolist() for text in texts]
        else:
            read = [torch.tensor([[config.bos_id, *prompt]]) for prompt in PROMPTS]
            expected = [theirs.generate(ids, max_length=1 + LONGEST, **options)[0].tolist() for ids in read]
    expected = [until_end(ids[1:], config.eos_id) for ids in expected]
    for cached in (True, False):
        if config.has_encoder:
            source = torch.full((3, 13), config.pad_id)
            for row, text in zip(source, texts, strict=True):
                row[: text.shape[1]] = text[0]
            found = decode(ours, source, GREEDY, max_length=LONGEST, cached=cached)
        else:
            found = decode(ours, None, GREEDY, prefixes=PROMPTS, max_length=LONGEST, cached=cached)
        assert [list(one.ids) for one in found] == expected
        assert max(cache_difference(ours, one) for one in found) < 1e-11
    assert len({tuple(ids) for ids in expected}) > 1


def until_end(ids, eos_id):
    return ids[: ids.index(eos_id) + 1] if eos_id in ids else ids


LISTED = {
    "gpt2": "tgt_embed.pos decoder.0.ffn.pre decoder.0.self_attn.scores_scaled",
    "bert": "src_embed.segments src_embed.segment src_embed.ln.mean head.dense",
    "bert without a head": "src_embed.segment encoder.out",
    "roberta": "src_embed.segment",
    "distilbert": "src_embed.ln.out",
    "marian": "src_embed.pos src_embed.scaled decoder.0.self_attn.scores_scaled",
    "t5": "encoder.1.self_attn.bias decoder.0.self_attn.scores_biased decoder.0.ln3.mean_square head.divided",
    "t5 1.1": "decoder.1.ffn.gate decoder.1.ffn.up decoder.1.ffn.gated",
    "llama": "decoder.0.self_attn.q_rot decoder.0.self_attn.k_rot decoder.0.ffn.gate decoder.norm.mean_square",
    "llama with slower positions": "decoder.1.self_attn.q_rot",
    "qwen2": "decoder.1.self_attn.k_rot decoder.0.self_attn.b_Q",
}
UNHEARD = {  # values and parameters, by their last name
    "gpt2": "scaled segment ln q_rot bias gate mean_square",
    "bert": "scaled q_rot bias gate mean_square",
    "bert without a head": "logits probs dense W b",
    "distilbert": "segment segments W_seg",
    "t5": "scores_scaled pos mean var b_Q b_O b_1 beta gate W_pos",
    "t5 1.1": "scores_scaled pos pre W_1 b_1",
    "llama": "pos scaled pre mean var b_Q b_O beta W_pos bias",
    "qwen2": "pos pre mean b_O beta",
}


def test_what_a_family_does_is_listed_and_nothing_else(name):
    plan = transformer_plan(FAMILIES[name].config)
    keys = {site.key for site in all_sites(plan)} | {parameter.name for parameter in all_parameters(plan)}
    assert set(LISTED[name].split()) <= keys
    assert not set(UNHEARD.get(name, "").split()) & {key.rpartition(".")[2] for key in keys}
    assert "decoder.0.cross_attn.bias" not in keys
