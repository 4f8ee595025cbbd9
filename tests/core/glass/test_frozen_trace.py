"""A trace is the run that it was: values never follow the model, and what follows from a changed weight is refused."""

from itertools import product

import numpy as np
import pytest
import torch
from torch.nn import Parameter

from tests.core.tiny import OTHER_OPTIONS, SHAPES, SOURCE_IDS, config_name, make_config, make_model, trace_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ChangedWeightsError
from transformer_core.glass.files.weights import weights_of
from transformer_core.glass.formulas import all_formulas
from transformer_core.glass.sites import written_keys
from transformer_core.glass.trace import Trace

CONFIGS = [make_config(**shape, **options) for shape, options in product(SHAPES, [{}, OTHER_OPTIONS])]
on_all = pytest.mark.parametrize("config", CONFIGS, ids=config_name)


@torch.no_grad()
def counted(p):
    p.mul_(0.5).add_(1)


def one_number(p):
    p.data.view(-1)[p.numel() // 3] += 0.5


def through_numpy(p):
    p.detach().numpy()[...] += 1


def two_rows(p):
    p.data.copy_(p.data.roll(1, 0))


CHANGES = {"counted": counted, "one number of .data": one_number, "numpy": through_numpy, "rows moved": two_rows}


def forms(plan, name):
    return [formula for formula in all_formulas(plan).values() if name in formula.parameters]


@on_all
@pytest.mark.slow
def test_whatever_follows_from_a_parameter_written_into_is_refused(config, tmp_path):
    """For every parameter, ways to write in turn: values stay, derived ones and files are refused, a new run is new."""
    model, file = make_model(config), tmp_path / "trace.npz"
    trace = trace_of(model)
    before = {key: trace[key].copy() for key in written_keys(trace.plan)}
    trace = trace_of(model)
    for i, (name, p) in enumerate(model.named_parameters(remove_duplicate=False), start=CONFIGS.index(config)):
        old = p.detach().clone()
        list(CHANGES.values())[i % len(CHANGES)](p)
        for key, value in before.items():
            np.testing.assert_array_equal(trace[key], value, err_msg=key)
        with pytest.raises(ChangedWeightsError, match=name.replace(".", r"\.")) as caught:
            trace.parameters[name]
        assert (caught.value.code, caught.value.fields["name"]) == ("changed_weights", name)
        for formula in forms(trace.plan, name):
            with pytest.raises(ChangedWeightsError):
                formula.recompute(trace)
            with pytest.raises(ChangedWeightsError):
                formula.terms(trace, (0,) * len(trace.site(formula.key).axes))
        if name.endswith("W_O"):
            with pytest.raises(ChangedWeightsError, match="W_O"):
                trace[name.replace("W_O", "head_out")]
        with pytest.raises(ChangedWeightsError):
            trace.save(file)
        assert not file.exists()
        np.testing.assert_array_equal(trace_of(model).parameters[name], p.detach().numpy())
        p.data.copy_(old)  # back in the state of the run, and so is what follows
        assert trace.parameters[name].shape == p.shape


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_way_to_write_is_noticed(change):
    model = make_model()
    for name, p in model.named_parameters(remove_duplicate=False):
        trace = trace_of(model)
        change(p)
        with pytest.raises(ChangedWeightsError, match=name.replace(".", r"\.")):
            trace.parameters[name]


def test_a_change_that_is_taken_back_is_none():
    model = make_model()
    trace, p = trace_of(model), model.head.W
    model.load_state_dict(model.state_dict())
    with torch.no_grad():
        p.add_(0)
    assert trace.parameters["head.W"].shape == p.shape


def test_derived_values_that_were_read_before_stay():
    model = make_model()
    trace, key = trace_of(model), "decoder.1.cross_attn.head_out"
    before = trace[key].copy()
    counted(model.get_parameter("decoder.1.cross_attn.W_O"))
    np.testing.assert_array_equal(trace[key], before)
    assert trace["head.probs"].shape == trace["head.logits"].shape


def test_weights_that_are_replaced_leave_the_trace_its_own():
    """A parameter put in the place of another, or other memory under it, changes nothing that the run read."""
    model, key = make_model(), "encoder.1.self_attn.head_out"
    block = model.encoder.layers[1].self_attn
    right = trace_of(model)[key].copy()
    one = trace_of(model)
    block.W_O = Parameter(block.W_O.detach() + 1)
    two = trace_of(model)
    block.W_O.data = block.W_O.data.T.clone()
    three = trace_of(model)
    block.W_O.data = block.W_O.data.T  # the same memory, read another way
    four = trace_of(model)
    np.testing.assert_array_equal(one[key], right)
    for trace in (two, three, four):
        z, W_O = trace["encoder.1.self_attn.z"], trace.parameters["encoder.1.self_attn.W_O"]
        whole = z.transpose(1, 0, 2).reshape(len(SOURCE_IDS), -1) @ W_O + block.b_O.detach().numpy()
        np.testing.assert_allclose(whole, trace["encoder.1.self_attn.out"], rtol=0, atol=1e-12)


@pytest.mark.slow
def test_a_write_that_nobody_counts_is_seen_by_the_next_run_or_refused_by_it():
    """Between two runs: what the next one shows is its own number, and if that cannot be known, the one after it."""
    model = make_model()
    for p in model.parameters():
        for i in range(p.numel()):
            trace_of(model)
            p.data.view(-1)[i] += 0.5
            name = next(n for n, q in model.named_parameters() if q is p)
            try:
                found = trace_of(model).parameters[name]
            except ChangedWeightsError:
                found = trace_of(model).parameters[name]
            np.testing.assert_array_equal(found, p.detach().numpy())
        break


def test_weights_made_in_inference_mode_have_no_counters_and_are_guarded_all_the_same():
    with torch.inference_mode():
        model = make_model()
        trace = trace_of(model)
        model.head.W.mul_(2)
        assert trace_of(model).parameters["head.W"].any()
    with pytest.raises(ChangedWeightsError):
        trace.parameters["head.W"]


def test_runs_of_one_state_share_its_checksums():
    model = make_model()
    assert trace_of(model).parameters is trace_of(model).parameters is weights_of(model)
    counted(model.head.W)
    assert trace_of(model).parameters is not trace_of(make_model()).parameters


@on_all
def test_a_write_during_the_run_is_noticed(config):
    model = make_model(config)
    name, p = next(iter(model.named_parameters()))

    def write(key, x):
        if key == "head.logits":
            counted(p)
        return x

    with pytest.raises(ChangedWeightsError):
        trace_of(model, edit=write).parameters[name]


def test_arrays_cannot_be_made_writable():
    trace = trace_of(make_model())
    for array in [*trace.values(), *trace.parameters.values()]:
        if array.base is not None and not isinstance(array.base, np.ndarray):
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.flags.writeable = True


def test_the_ids_handed_over_may_be_changed_afterwards(tmp_path):
    model, source, target = make_model(), [3, 16, 7], [1, 5, 4]
    trace = run_with_trace(model, source, target)
    source[0], target[0] = 9, 9
    assert (list(trace["src_embed.tokens"]), list(trace["tgt_embed.tokens"])) == ([3, 16, 7], [1, 5, 4])
    trace.save(tmp_path / "trace.npz")
    counted(model.head.W)
    loaded = Trace.load(tmp_path / "trace.npz")
    assert all(
        formula.recompute(loaded).shape == loaded[key].shape for key, formula in all_formulas(loaded.plan).items()
    )
