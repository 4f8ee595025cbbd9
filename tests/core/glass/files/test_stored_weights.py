"""The parameters of a saved trace: by reference where they are a bundled model's, in the file where they are not."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tests.core.tiny import make_model, trace_of
from transformer_core.glass.errors import StoredWeightsError
from transformer_core.glass.files import stored
from transformer_core.glass.files.origin import Origin
from transformer_core.glass.formulas import difference
from transformer_core.glass.trace import Trace
from transformer_core.models.files import bundled_models, load_model

ROOT = Path(__file__).resolve().parents[4]
MODEL = "zh-en"

READ_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from transformer_core.glass.formulas import difference
from transformer_core.glass.trace import Trace
trace = Trace.load(sys.argv[1])
print(len(trace.parameters), trace.parameters["head.W"].shape, difference(trace, "decoder.0.self_attn.q"))
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    trace = load_model(MODEL).trace("我有一只猫")
    path = tmp_path_factory.mktemp("saved") / "trace.npz"
    trace.save(path)
    return trace, path


def in_file(path):
    with np.load(path) as file:
        return [name for name in file.files if name.startswith("parameters/")]


@pytest.mark.slow
def test_those_of_a_bundled_model_are_not_copied(saved):
    trace, path = saved
    assert in_file(path) == []
    assert path.stat().st_size < sum(array.nbytes for array in trace.parameters.values()) / 4
    loaded = Trace.load(path)
    assert list(loaded.parameters) == list(trace.parameters)
    for name in trace.parameters:
        found = loaded.parameters[name]
        assert found.dtype == trace.parameters[name].dtype
        assert loaded.shape(name) == found.shape
        assert not found.flags.writeable
        np.testing.assert_array_equal(found, trace.parameters[name], err_msg=name)


@pytest.mark.parametrize("model", bundled_models())
def test_the_file_is_read_as_its_own_library_reads_it(model):
    found, wanted = stored.weights_in(model), load_file(stored.BUNDLED / model / stored.WEIGHTS)
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


def test_saved_again_it_refers_again(saved, tmp_path):
    Trace.load(saved[1]).save(tmp_path / "again.npz")
    assert in_file(tmp_path / "again.npz") == []
    assert Trace.load(tmp_path / "again.npz").parameters.origin.model == MODEL


@pytest.mark.slow
def test_without_torch(saved):
    trace, path = saved
    command = [sys.executable, "-W", "error", "-c", READ_WITHOUT_TORCH, path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wanted = difference(trace, "decoder.0.self_attn.q")
    n, shape, found = done.stdout.strip().replace(", ", ",").split()
    assert (int(n), shape) == (len(trace.parameters), str(trace.parameters["head.W"].shape).replace(", ", ","))
    assert float(found) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("change", ["written into", "double", "another name"])
def test_any_others_stand_in_the_file(tmp_path, change):
    model = load_model(MODEL).model
    if change == "written into":
        with torch.no_grad():
            model.head.W[3, 5] += 1
    elif change == "double":
        model.double()
    else:
        model.origin = Origin("no-such-model")
    trace = trace_of(model, source=[5, 6, 2], target=[1, 7])
    trace.save(tmp_path / "trace.npz")
    assert len(in_file(tmp_path / "trace.npz")) == len(trace.parameters)
    loaded = Trace.load(tmp_path / "trace.npz")
    np.testing.assert_array_equal(loaded.parameters["head.W"], trace.parameters["head.W"])


def test_a_model_of_ones_own_stands_in_the_file(tmp_path):
    trace_of(make_model()).save(tmp_path / "trace.npz")
    assert in_file(tmp_path / "trace.npz")
    shutil.copytree(stored.BUNDLED / MODEL, tmp_path / MODEL)  # of the same name, but not a bundled one
    trace = load_model(tmp_path / MODEL).trace("我")
    trace.save(tmp_path / "own.npz")
    assert len(in_file(tmp_path / "own.npz")) == len(trace.parameters)


class TestNotThere:
    """The values can be read all the same."""

    def refused(self, path):
        loaded = Trace.load(path)
        assert loaded["decoder.0.self_attn.head_out"].ndim == 3
        with pytest.raises(StoredWeightsError, match=f"'{MODEL}'") as caught:
            loaded.parameters["head.W"]
        assert (caught.value.code, caught.value.fields["model"]) == ("stored_weights", MODEL)
        with pytest.raises(StoredWeightsError):
            difference(loaded, "decoder.0.self_attn.q")

    def test_no_such_model(self, saved, tmp_path, monkeypatch):
        monkeypatch.setattr(stored, "BUNDLED", tmp_path)
        self.refused(saved[1])

    @pytest.mark.parametrize("kept", [0.0, 0.5], ids=str)
    def test_a_damaged_file(self, saved, tmp_path, monkeypatch, kept):
        data = (stored.BUNDLED / MODEL / stored.WEIGHTS).read_bytes()
        (tmp_path / MODEL).mkdir()
        (tmp_path / MODEL / stored.WEIGHTS).write_bytes(data[: int(kept * len(data))])
        monkeypatch.setattr(stored, "BUNDLED", tmp_path)
        self.refused(saved[1])

    def test_other_parameters(self, saved, tmp_path, monkeypatch):
        data = bytearray((stored.BUNDLED / MODEL / stored.WEIGHTS).read_bytes())
        data[-1] ^= 1
        (tmp_path / MODEL).mkdir()
        (tmp_path / MODEL / stored.WEIGHTS).write_bytes(data)
        monkeypatch.setattr(stored, "BUNDLED", tmp_path)
        self.refused(saved[1])

    @pytest.mark.parametrize("model", ["../zh-en", "/etc", ".", "", "zh-en/../zh-en"])
    def test_a_name_that_leads_elsewhere(self, saved, tmp_path, model):
        with np.load(saved[1]) as file:
            arrays = dict(file)
        header = json.loads(str(arrays["trace.json"]))
        header["parameters"]["model"] = model
        np.savez(tmp_path / "other.npz", **arrays | {"trace.json": np.array(json.dumps(header))})
        with pytest.raises(StoredWeightsError):
            Trace.load(tmp_path / "other.npz").parameters["head.W"]


def test_format_2_with_its_parameters_inside_is_read(tmp_path):
    trace = trace_of(make_model())
    trace.save(tmp_path / "trace.npz")
    with np.load(tmp_path / "trace.npz") as file:
        arrays = dict(file)
    header = json.loads(str(arrays["trace.json"]))
    assert header.pop("parameters") is None
    header["format"] = 2
    np.savez(tmp_path / "old.npz", **arrays | {"trace.json": np.array(json.dumps(header))})
    loaded = Trace.load(tmp_path / "old.npz")
    for name in trace.parameters:
        np.testing.assert_array_equal(loaded.parameters[name], trace.parameters[name])
