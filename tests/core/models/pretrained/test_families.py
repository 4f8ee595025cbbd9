"""Every family and variant, opened from the folder that Hugging Face's library saved: the same numbers, all told."""

import json
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.explained import DOUBLE_PRECISION, check_cells, check_sites
from tests.core.hf import doubled
from tests.core.hub import VARIANTS, save_variant, told
from transformer_core.decoding.rules import GREEDY, Beam
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ConfigError, NoMaskError
from transformer_core.models.files import load_model, save_model
from transformer_core.text.base import LONE_SPACE

pytestmark = pytest.mark.peers

READ = [5, 16, 7, 16, 3, 9, 11, 4, 3, 20, 14, 6, 3]  # for BERT, three parts
WRITTEN = [8, 12, 5, 7, 8, 4, 21, 10, 19, 15]
TEXTS = ("the cat", "Once upon a time, hello", "was very happy")
LONGEST = 14
BEAM = Beam(width=3)
SINGLE = 1e-4  # a share is as far off as its score, and T5 does not divide scores: they reach tens
WRITERS = [name for name, one in VARIANTS.items() if "writes" in one.able]


@pytest.fixture(params=VARIANTS)
def name(request):
    return request.param


def opened(name, folder, dtype):
    """Ours and theirs."""
    with doubled() if dtype == torch.float64 else nullcontext():
        theirs = save_variant(name, folder)
    return load_model(folder), theirs


def ids_for(config):
    return READ if config.has_encoder else None, [config.bos_id, *WRITTEN] if config.has_decoder else None


def their_inputs(config):
    source, target = (None if ids is None else torch.tensor([ids]) for ids in ids_for(config))
    if source is None:
        return {"input_ids": target}
    if target is not None:
        return {"input_ids": source, "decoder_input_ids": target}
    ends = (source == config.eos_id).long()
    parts = (ends.cumsum(1) - ends).clamp(max=max(0, config.embedding.segments - 1))
    return {"input_ids": source} | ({"token_type_ids": parts} if config.embedding.segments else {})


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, SINGLE)], ids=["64", "32"])
def test_every_number_that_they_tell_is_ours_before_and_after_our_own_saving(name, dtype, tolerance, tmp_path):
    glass, theirs = opened(name, tmp_path / "theirs", dtype)
    assert glass.abilities == VARIANTS[name].able
    assert next(glass.model.parameters()).dtype == dtype
    with doubled() if dtype == torch.float64 else nullcontext(), torch.no_grad():
        output = theirs(**their_inputs(glass.config), output_attentions=True, output_hidden_states=True)
    traces = [(run_with_trace(glass.model, *ids_for(glass.config)), tolerance)]
    save_model(tmp_path / "ours", glass.model, glass.source_tokenizer, glass.target_tokenizer, dtype=torch.float32)
    again = load_model(tmp_path / "ours")
    assert again.config == glass.config
    traces.append((run_with_trace(again.model, *ids_for(glass.config)), SINGLE))
    for trace, allowed in traces:
        for key, value in told(output, glass.config).items():
            atol = allowed * max(1.0, float(value.abs().max()))
            np.testing.assert_allclose(trace[key], value[0].numpy(), rtol=0, atol=atol, err_msg=key)


def test_every_value_is_recomputed_and_explained(name, tmp_path):
    glass, _ = opened(name, tmp_path, torch.float64)
    trace = run_with_trace(glass.model, *ids_for(glass.config))
    check_sites(trace, DOUBLE_PRECISION)
    check_cells(trace, DOUBLE_PRECISION, np.random.default_rng(0), n_cells=1)


def test_a_text_is_traced_and_its_words_are_shown(name, tmp_path):
    glass, _ = opened(name, tmp_path, torch.float32)
    trace = glass.trace(TEXTS[1])
    words = trace.words[trace.plan.word_lists[0].name].read
    shown = "".join(word.text.removeprefix("##") for word in words if not word.special)
    assert shown.replace(LONE_SPACE, "").lower() == "onceuponatime,hello"
    special = glass.task.side.tokenizer.special_ids
    assert [word.special for word in words] == [i in special for i in glass.read_ids(TEXTS[1])]


@pytest.mark.parametrize("rule", [GREEDY, BEAM], ids=str)
@pytest.mark.parametrize("name", WRITERS)
def test_it_writes_what_generate_writes(name, rule, tmp_path):
    glass, theirs = opened(name, tmp_path, torch.float64)
    config, beams = glass.config, 1 if rule == GREEDY else rule.width
    options = {"do_sample": False, "num_beams": beams, "pad_token_id": config.pad_id, "eos_token_id": config.eos_id}
    if config.never:
        options["suppress_tokens"] = list(config.never)  # as `bad_words_ids`, which cannot do it in float64
    options["max_new_tokens" if config.has_encoder else "max_length"] = LONGEST + (not config.has_encoder)
    written = []
    for text in TEXTS:
        ids = torch.tensor([glass.read_ids(text)])
        with doubled(), torch.inference_mode():
            (expected,) = theirs.generate(ids, attention_mask=torch.ones_like(ids), **options).tolist()
        found = glass.decode(text, rule, max_length=LONGEST)
        assert [*found.read[:1], *found.ids] == until_end(expected, config.eos_id)
        written.append(found.ids)
    assert len(set(written)) > 1


def until_end(ids, eos_id):
    """Their batch goes on with padding behind the end, which some begin with."""
    return ids[: ids.index(eos_id, 1) + 1] if eos_id in ids[1:] else ids


def test_old_names_of_norms_and_a_file_without_the_prefix(tmp_path):
    """As the first checkpoints of BERT have them, with a copy of the tied table and of its bias."""
    glass, _ = opened("bert", tmp_path, torch.float32)
    state = load_file(tmp_path / "model.safetensors")
    old = {".weight": ".gamma", ".bias": ".beta"}
    renamed = {}
    for name, tensor in state.items():
        stem, dot, last = name.removeprefix("bert.").rpartition(".")
        renamed[stem + (old[dot + last] if stem.endswith("LayerNorm") else dot + last)] = tensor
    renamed["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"].clone()
    renamed["cls.predictions.decoder.bias"] = state["cls.predictions.bias"].clone()
    renamed["embeddings.position_ids"] = torch.arange(29)[None]
    assert any(name.endswith(".gamma") for name in renamed)
    save_file(renamed, tmp_path / "model.safetensors")
    again = load_model(tmp_path)
    assert again.config == glass.config
    for name, parameter in glass.model.named_parameters():
        assert torch.equal(again.model.get_parameter(name), parameter)


GAPS = "the <extra_id_0> was very <extra_id_1>, she said: <extra_id_2>"


@pytest.mark.parametrize("name", ["t5", "t5 1.1"])
def test_gaps_are_filled_as_their_model_fills_them(name, tmp_path):
    glass, theirs = opened(name, tmp_path, torch.float64)
    read, signs = glass.read_ids(GAPS), glass.source_tokenizer.gaps
    assert [i for i in read if i in signs] == list(signs)
    assert glass.source_tokenizer.pieces(signs) == ("<extra_id_0>", "<extra_id_1>", "<extra_id_2>")
    assert glass.source_tokenizer.decode(read).replace(" ", "") == GAPS.replace(" ", "")
    source, config, begin = torch.tensor([read]), glass.config, [glass.config.bos_id]
    with doubled(), torch.inference_mode():
        for n_left, sign, guesses in zip((2, 1, 0), signs, glass.fill(GAPS, 5), strict=True):
            begin.append(sign)
            given = torch.tensor([begin])
            probs = theirs(input_ids=source, decoder_input_ids=given).logits[0, -1].softmax(-1)
            found = probs.topk(5)
            assert [guess.id for guess in guesses] == found.indices.tolist()
            np.testing.assert_allclose([one.probability for one in guesses], found.values.numpy(), rtol=1e-10)
            room = config.max_length - len(begin) - n_left
            if not room:
                continue
            limit = {"max_new_tokens": room, "do_sample": False, "pad_token_id": config.pad_id}
            own = theirs.generate(source, decoder_input_ids=given, **limit)[0, len(begin) :].tolist()
            begin += own[: next((t for t, i in enumerate(own) if i in (*signs, config.eos_id)), len(own))]
    with pytest.raises(NoMaskError, match="no <extra_id_0> in 'the cat'"):
        glass.fill("the cat")


def test_words_that_their_generate_keeps_back_or_forces(tmp_path):
    """As Marian's translators tell it: no padding, and </s> where a text is cut off, which ours leaves as it is."""
    _, theirs = opened("marian", tmp_path, torch.float32)
    pad = theirs.config.pad_token_id
    theirs.generation_config.update(bad_words_ids=[[pad]], forced_eos_token_id=0)
    theirs.generation_config.save_pretrained(tmp_path)
    glass, told = load_model(tmp_path), json.loads((tmp_path / "generation_config.json").read_text("utf-8"))
    for text in TEXTS:
        ids = torch.tensor([glass.read_ids(text)])
        with torch.inference_mode():
            expected = theirs.generate(ids, max_new_tokens=LONGEST, do_sample=False, num_beams=1)[0].tolist()
        found = glass.decode(text, max_length=LONGEST)
        assert pad not in found.ids
        assert list(found.ids[: LONGEST - 1]) == expected[1:LONGEST]
        assert expected[-1] == 0
    for field, value in (("bad_words_ids", [[5]]), ("forced_bos_token_id", 3), ("suppress_tokens", [4])):
        (tmp_path / "generation_config.json").write_text(json.dumps(told | {field: value}), "utf-8")
        with pytest.raises(ConfigError, match=rf"generation_config\.json: {field} is"):
            load_model(tmp_path)
