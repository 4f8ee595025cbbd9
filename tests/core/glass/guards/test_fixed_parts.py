"""Changes made the PyTorch way: they act, or they raise and say why, and a model that refused one is as it was."""

import copy
import io
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune

from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SOURCE,
    TARGET,
    batch_for,
    config_name,
    make_config,
    make_model,
    trace_of,
)
from transformer_core.glass.errors import ListenerError, ModelChangedError
from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.layers import Layer

CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]
on_all = pytest.mark.parametrize("config", CONFIGS, ids=config_name)

PART_CHANGES = {
    "set_submodule": lambda model, path, parent, name: model.set_submodule(path, nn.Identity()),
    "another of its kind": lambda model, path, parent, name: setattr(
        parent, name, copy.deepcopy(getattr(parent, name))
    ),
    "none": lambda model, path, parent, name: setattr(parent, name, None),
    "deleted": lambda model, path, parent, name: delattr(parent, name),
    "table": lambda model, path, parent, name: parent._modules.update({name: nn.Identity()}),
    "popped": lambda model, path, parent, name: parent._modules.pop(name),
    "added": lambda model, path, parent, name: parent.add_module("another", nn.Identity()),
    "registered": lambda model, path, parent, name: parent.register_module(name, nn.Identity()),
}
WEIGHT_CHANGES = {
    "prune": lambda module, name: prune.random_unstructured(module, name, 0.5),
    "parametrize": lambda module, name: parametrize.register_parametrization(module, name, nn.Identity()),
    "weight_norm": lambda module, name: parametrizations.weight_norm(module, name, dim=None),
    "none": lambda module, name: setattr(module, name, None),
    "deleted": lambda module, name: delattr(module, name),
    "another shape": lambda module, name: setattr(module, name, nn.Parameter(torch.zeros(3, 3, 3))),
    "a new one": lambda module, name: module.register_parameter("extra", nn.Parameter(torch.zeros(3))),
}


def state(model):
    """What a model computes, and what it is made of."""
    with torch.inference_mode():
        logits = model(*batch_for(model.config))
    return logits, [path for path, _ in model.named_modules()], [name for name, _ in model.named_parameters()]


def same(model, before):
    logits, *names = state(model)
    assert torch.equal(logits, before[0])
    assert names == list(before[1:])


@on_all
@pytest.mark.parametrize("change", PART_CHANGES.values(), ids=list(PART_CHANGES))
def test_no_module_can_be_replaced_deleted_or_added(config, change):
    model = make_model(config)
    before = state(model)
    for path in before[1][1:]:
        parent, _, name = path.rpartition(".")
        with pytest.raises(ModelChangedError, match="its config says") as caught:
            change(model, path, model.get_submodule(parent), name)
        assert caught.value.code == "model_changed"
        assert caught.value.fields["name"].startswith(parent)
    same(model, before)
    trace_of(model)


@on_all
@pytest.mark.parametrize("change", WEIGHT_CHANGES.values(), ids=list(WEIGHT_CHANGES))
def test_no_parameter_can_be_pruned_parametrized_or_taken_away(config, change):
    model = make_model(config)
    before = state(model)
    for path in before[2]:
        owner, _, name = path.rpartition(".")
        with pytest.raises(ModelChangedError, match=rf"^{owner}\."):
            change(model.get_submodule(owner), name)
    same(model, before)
    trace_of(model)


@on_all
def test_a_parameter_of_the_same_shape_acts(config):
    """Put in the place of another, loaded, or written into: in passes, in traces, and in what a trace lists."""
    model, other = make_model(config), make_model(config, seed=1)
    right = state(other)[0]
    for path, new in other.named_parameters(remove_duplicate=False):
        owner, _, name = path.rpartition(".")
        setattr(model.get_submodule(owner), name, nn.Parameter(new.detach().clone()))
    assert torch.equal(state(model)[0], right)
    trace = trace_of(model)
    for name, value in trace_of(other).parameters.items():
        np.testing.assert_array_equal(trace.parameters[name], value, err_msg=name)
    for assign in (False, True):
        model = make_model(config)
        model.load_state_dict(other.state_dict(), assign=assign)
        assert torch.equal(state(model)[0], right)
    weights = {name: p.detach() for name, p in other.named_parameters()}
    called = torch.func.functional_call(make_model(config), weights, batch_for(config))
    assert torch.equal(called, right)


@on_all
def test_no_hook_of_a_hook_point_is_ignored_in_silence(config):
    for path, point in make_model(config).named_modules():
        if not isinstance(point, HookPoint):
            continue
        registers = [name for name in dir(point) if name.startswith("register_") and name.endswith("hook")]
        refused = [name for name in registers if "forward" in name or "backward" in name]
        assert len(refused) == 5
        for name in refused:
            with pytest.raises(ListenerError, match=rf"^{path} takes no hooks.*listening"):
                getattr(point, name)(lambda *_: None)
        with pytest.raises(ListenerError):
            point.forward = lambda x: 2 * x


@on_all
def test_the_hooks_of_all_other_modules_fire(config):
    model, fired = make_model(config), set()
    others = {path: module for path, module in model.named_modules() if not isinstance(module, HookPoint)}
    for path, module in others.items():
        module.register_forward_hook(lambda *_, path=path: fired.add(path))
    model(*batch_for(config))
    assert fired == set(others)


@on_all
def test_a_copy_is_a_model_of_its_own_and_as_fixed(config):
    model, file = make_model(config), io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for made in (copy.deepcopy(model), torch.load(file, weights_only=False)):
        same(made, state(model))
        with pytest.raises(ModelChangedError):
            made.head = nn.Identity()
        with torch.no_grad():
            made.head.W.mul_(2)
        assert not torch.equal(state(made)[0], state(model)[0])
        trace_of(made)


def test_layers_cut_off_are_said_by_a_trace():
    model = make_model()
    model.encoder.layers = model.encoder.layers[:1]
    assert model(SOURCE, TARGET).isfinite().all()  # they act
    with pytest.raises(ModelChangedError, match=r"encoder\.1\."):
        trace_of(model)


def test_to_another_dtype_and_back_into_training_still_work():
    model = make_model().to(torch.float32).train()
    model(SOURCE, TARGET).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert isinstance(model.encoder.layers[0], Layer)
