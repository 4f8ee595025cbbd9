"""A listener that writes in place changes its own run and nothing else, at every value of every kind of model."""

from itertools import product

import numpy as np
import pytest
import torch

from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SOURCE,
    SOURCE_IDS,
    TARGET,
    config_name,
    make_config,
    make_model,
    trace_of,
)
from transformer_core.decoding.decode import decode
from transformer_core.decoding.forcing import teacher_forcing
from transformer_core.glass.errors import ListenerError
from transformer_core.glass.hooks import listening
from transformer_core.glass.sites import all_sites, written_keys
from transformer_core.transformer.plans import transformer_plan

CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]
on_all = pytest.mark.parametrize("config", CONFIGS, ids=config_name)


def other_numbers(key, x):
    """What the value is changed to: of its own kind, and another in many cells."""
    if x.dtype == torch.bool:
        return torch.arange(x.shape[-1]).expand_as(x) == 0  # all look at the first word
    if not x.is_floating_point():
        return x.flip(-1)
    return torch.where(x == -torch.inf, x, 0.5 * x + 0.25)


WRITES = {
    "index": lambda x, new: x.__setitem__(slice(None), new),
    "method": lambda x, new: x.copy_(new),
    "data": lambda x, new: x.data.copy_(new),
    "numpy": lambda x, new: np.copyto(x.detach().numpy(), new.numpy()),
    "view": lambda x, new: x[0].copy_(new[0]),
    "other memory": lambda x, new: setattr(x, "data", new.clone()),
}


def writing(key, write):
    """An edit that writes into the value of `key`."""

    def listen(name, x):
        if name == key:
            write(x, other_numbers(name, x))
        return x

    return listen


def same_values(trace, right):
    assert trace.edited == right.edited
    for key in right:
        if trace[key].tobytes() != right[key].tobytes():  # thousands are the same
            np.testing.assert_array_equal(trace[key], right[key], err_msg=key)


def hearing_pass(model, source, target):
    return model(source if model.config.has_encoder else None, target if model.config.has_decoder else None)


@on_all
@pytest.mark.slow
def test_it_edits_its_run_as_a_returned_tensor_does(config):
    """At each value, each way to write in turn; a later fresh model of the shape, and this one, are as before."""
    model = make_model(config)
    plain = trace_of(model)
    for i, key in enumerate(written_keys(transformer_plan(config))):
        write = list(WRITES.values())[i % len(WRITES)]
        right = trace_of(model, edit=lambda name, x, key=key: other_numbers(name, x) if name == key else x)
        same_values(trace_of(model, edit=writing(key, write)), right)
        assert right.edited == (key,)
    same_values(trace_of(model), plain)
    same_values(trace_of(make_model(config)), plain)


@pytest.mark.parametrize("how", WRITES)
def test_every_way_to_write_is_noticed(how):
    model = make_model(**SHAPES[0])
    for key in ("src_embed.pos", "encoder.0.self_attn.q", "encoder.1.input", "decoder.0.self_attn.mask", "head.logits"):
        assert trace_of(model, edit=writing(key, WRITES[how])).edited == (key,)


@on_all
def test_what_it_keeps_and_writes_into_later_changes_nothing(config):
    """Every tensor is kept, and overwritten at the next value and again after the run; so is what it returned."""
    model = make_model(config)
    plain, kept = trace_of(model), []

    def spoil():
        for x in kept:
            x.copy_(torch.zeros_like(x)) if x.dtype != torch.bool else x.logical_not_()

    def hoard(key, x):
        spoil()
        kept.append(x)
        return x

    trace = trace_of(model, edit=hoard)
    with torch.inference_mode():
        spoil()
    assert trace.edited == ()
    same_values(trace, plain)
    kept.clear()

    def replace(key, x):
        spoil()
        kept.append(other_numbers(key, x))
        return kept[-1]

    right = trace_of(model, edit=other_numbers)
    trace = trace_of(model, edit=replace)
    with torch.inference_mode():
        spoil()
    same_values(trace, right)


@on_all
@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad], ids=lambda m: m.__name__)
@pytest.mark.slow
def test_a_listener_of_a_bare_pass_cannot_write_into_the_model(config, mode):
    model = make_model(config)
    with mode():
        before = hearing_pass(model, SOURCE, TARGET).clone()
        for key in written_keys(transformer_plan(config)):
            with listening(writing(key, WRITES["method"])):
                hearing_pass(model, SOURCE, TARGET)
        with listening(lambda key, x: x):
            assert torch.equal(hearing_pass(model, SOURCE, TARGET), before)
        assert torch.equal(hearing_pass(model, SOURCE, TARGET), before)
        assert torch.equal(hearing_pass(make_model(config), SOURCE, TARGET), before)


@pytest.mark.parametrize("every", [7, 1], ids=["every seventh value", "every value"])
@pytest.mark.parametrize("shape", SHAPES[:2] + SHAPES[4:], ids=lambda s: "-".join(s.values()))
def test_nor_can_one_of_a_decoding_or_of_teacher_forcing(shape, every):
    model = make_model(**shape)
    source, words = (SOURCE[:1] if model.config.has_encoder else None), [[5, 12, 3, 2]]
    plain = decode(model, source, prefixes=[[5]])[0].logits, teacher_forcing(model, source, words)[0].logits
    for key in written_keys(model.plan)[::every]:
        write = writing(key, WRITES["method"])
        decode(model, source, prefixes=[[5]], max_length=3, edit=lambda *ids, write=write: write)
        teacher_forcing(model, source, words, edit=lambda *ids, write=write: write)
    np.testing.assert_array_equal(decode(model, source, prefixes=[[5]])[0].logits, plain[0])
    np.testing.assert_array_equal(teacher_forcing(model, source, words)[0].logits, plain[1])


def test_gradients_pass_through_what_it_holds():
    model, kept = make_model(**SHAPES[0]), {}
    with listening(kept.setdefault):
        hearing_pass(model, SOURCE, TARGET).sum().backward(inputs=[p for p in model.parameters() if p.requires_grad])
        right = [p.grad.clone() for p in model.parameters()]
        model.zero_grad()
    with listening(kept.setdefault):
        kept.clear()
        total = hearing_pass(model, SOURCE, TARGET).sum()
    x = kept["encoder.0.out"]
    (through,) = torch.autograd.grad(total, x, retain_graph=True)
    assert through.abs().max() > 0
    model.zero_grad()
    hearing_pass(model, SOURCE, TARGET).sum().backward()
    assert all(torch.equal(p.grad, grad) for p, grad in zip(model.parameters(), right, strict=True))


@pytest.mark.parametrize("answer", [None, 0.0, np.zeros(3), "x"], ids=repr)
def test_what_is_no_tensor_is_refused(answer):
    key = all_sites(transformer_plan(make_config()))[3].key
    with pytest.raises(ListenerError, match=rf"returned {type(answer).__name__} for {key}"):
        trace_of(make_model(), source=SOURCE_IDS, edit=lambda name, x: answer if name == key else x)
