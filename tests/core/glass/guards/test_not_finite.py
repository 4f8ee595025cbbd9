"""Numbers that are none: refused at saving, at loading, and in a pass where they arise, for every parameter."""

import json
import os
from itertools import product

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SOURCE,
    SOURCE_IDS,
    TARGET_IDS,
    config_name,
    make_config,
    make_model,
    trace_of,
)
from transformer_core.decoding.decode import decode, greedy
from transformer_core.decoding.forcing import teacher_forcing
from transformer_core.decoding.rules import Beam, Greedy, Sampling
from transformer_core.glass.errors import NotFiniteError
from transformer_core.glass.guards.finite import all_finite
from transformer_core.glass.hooks import listening
from transformer_core.models.files import load_model, save_model

CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]
on_all = pytest.mark.parametrize("config", CONFIGS, ids=config_name)
NONE = [torch.nan, torch.inf, -torch.inf]
BEGIN = TARGET_IDS[1:3]


def place(name):
    """A cell of a parameter that every pass reads: in the tables, that of a word that stands in the sentence."""
    return (SOURCE_IDS if name.startswith("src") else TARGET_IDS)[0] if name.endswith("W_E") else 0


@torch.no_grad()
def put(p, name, number):
    p[place(name)] = number if p.dim() == 1 else torch.where(torch.arange(p.shape[1]) == 1, number, p[place(name)])


def first_none(model):
    """The key of the first value of a pass that is no number, found without the code that is tested."""
    found = []

    def look(key, x):
        blocked = (x == -torch.inf) & key.endswith(("scores_raw", "scores_scaled", "scores", "logits"))
        if x.is_floating_point() and not (x.isfinite() | blocked).all():
            found.append(key)
        return x

    with torch.inference_mode(), listening(look):
        logits = model(
            torch.tensor([SOURCE_IDS]) if model.config.has_encoder else None,
            torch.tensor([TARGET_IDS]) if model.config.has_decoder else None,
        )
    return found[0] if found and not logits.isfinite().all() else None


@on_all
@pytest.mark.slow
def test_a_trace_says_where_it_arises(config):
    model = make_model(config)
    for i, (name, p) in enumerate(model.named_parameters()):
        for number in (NONE[0], NONE[1 + i % 2]):
            old = p.detach().clone()
            put(p, name, number)
            key = first_none(model)
            assert key or number == number, f"a NaN in {name} must reach the logits"
            if key:
                with pytest.raises(NotFiniteError, match=rf"^{key} is (nan|-?inf) at ") as caught:
                    trace_of(model)
                assert (caught.value.code, caught.value.fields["name"]) == ("not_finite", key)
            else:
                trace_of(model)  # -inf that an activation or a softmax makes 0: everything that follows is a number
            p.data.copy_(old)
    trace_of(model)


@pytest.mark.parametrize(
    "config",
    [c for c in CONFIGS if c.has_decoder],
    ids=config_name,
)
@pytest.mark.slow
def test_no_decoding_goes_on_with_it(config):
    """Greedy, sampling, beam search, cached and not, under a listener, and teacher forcing: in turn, as many apply."""
    model = make_model(config)
    source = SOURCE[:1] if config.has_encoder else None
    for i, (name, p) in enumerate(model.named_parameters()):
        old = p.detach().clone()
        put(p, name, torch.nan)
        key = first_none(model)
        assert key is not None
        asked = [
            lambda: decode(model, source, Greedy(), prefixes=[BEGIN]),
            lambda: decode(model, source, Beam(width=2), prefixes=[BEGIN]),
            lambda: decode(model, source, Sampling(seed=1), prefixes=[BEGIN], cached=False),
            lambda: decode(model, source, Greedy(), prefixes=[BEGIN], edit=lambda *_: lambda key, x: x),
            lambda: teacher_forcing(model, source, [BEGIN]),
        ]
        if config.has_cross_attention:
            asked.append(lambda: greedy(model, source))
        with pytest.raises(NotFiniteError) as caught:
            asked[i % len(asked)]()
        assert caught.value.fields["name"] == key
        p.data.copy_(old)


@pytest.mark.parametrize("rule", [Greedy(), Beam(width=2), Sampling(seed=3)], ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("cached", [True, False])
def test_one_that_arises_late_is_named_as_well(rule, cached):
    """The fifth position is none in the table: four words are fine, and the cache holds what came before."""
    model = make_model(architecture="decoder-only", positions="learned", output_bias=True)
    with torch.no_grad():
        model.tgt_embed.W_pos[4] = torch.nan
        model.head.b[model.config.eos_id] = -1e3  # never end before
    assert len(decode(model, rule=rule, prefixes=[[5]], max_length=4, cached=cached)[0].ids) == 4
    with pytest.raises(NotFiniteError, match=r"^tgt_embed\.pos is nan"):
        decode(model, rule=rule, prefixes=[[5]], max_length=6, cached=cached)


def test_one_that_an_edit_makes_is_said_and_a_ruled_out_word_is_none():
    model = make_model()
    with pytest.raises(NotFiniteError, match=r"^decoder\.0\.ffn\.act"):
        trace_of(model, edit=lambda key, x: x * torch.inf if key == "decoder.0.ffn.act" else x)
    trace = trace_of(
        model, edit=lambda key, x: x.index_fill(-1, torch.tensor([4]), -torch.inf) if key == "head.logits" else x
    )
    assert (trace["head.probs"][:, 4] == 0).all()


@on_all
def test_saving_refuses_it_by_name_and_writes_nothing(config, tmp_path, chinese, english):
    """For every parameter, each number in turn; 1e5 is infinite in float16."""
    model = make_model(config)
    for i, (name, p) in enumerate(model.named_parameters(), start=CONFIGS.index(config)):
        old = p.detach().clone()
        put(p, name, [*NONE, 1e5][i % 4])
        with pytest.raises(NotFiniteError, match=rf"model\.safetensors: {name} holds 1 number") as caught:
            save_model(tmp_path / "there", model, chinese, english)
        assert caught.value.fields["name"] == name
        p.data.copy_(old)
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("number", NONE, ids=str)
@pytest.mark.parametrize("architecture", ["encoder-decoder", "encoder-only", "decoder-only"])
@pytest.mark.slow
def test_loading_refuses_it_by_name(save, architecture, number):
    folder, model = save(architecture, **OTHER_OPTIONS)
    file = folder / "model.safetensors"
    right = load_file(file)
    for name in right:
        wrong = {n: x.clone() for n, x in right.items()}
        wrong[name].view(-1)[-1] = number
        save_file(wrong, file)
        with pytest.raises(NotFiniteError, match=f"{name} holds 1 number"):
            load_model(folder)
    save_file({n: x.double() for n, x in right.items()} | {"head.W": right["head.W"].double() * 1e300}, file)
    with pytest.raises(NotFiniteError, match=r"head\.W holds"):  # finite in the file, and none where it would be used
        load_model(folder)
    assert json.loads((folder / "config.json").read_text())["d_model"] == model.config.d_model
    assert os.path.getsize(file)


def test_a_large_number_in_a_type_that_holds_it_is_saved(tmp_path, chinese, english):
    config = make_config(source_vocab_size=chinese.vocab_size, target_vocab_size=english.vocab_size)
    model = make_model(config, dtype=torch.float32)
    put(model.encoder.layers[0].ffn.W_1, "W_1", 1e5)
    for dtype in (torch.float32, torch.bfloat16):
        save_model(tmp_path, model, chinese, english, dtype=dtype)
        assert load_model(tmp_path).model.encoder.layers[0].ffn.W_1[0, 1] == pytest.approx(1e5, rel=0.01)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_finite_numbers_whose_sum_is_none_are_numbers(dtype):
    x = torch.full((3, 50), torch.finfo(dtype).max, dtype=dtype)
    assert all_finite(x)
    for number in NONE:
        x[1, 7] = number
        assert not all_finite(x)
