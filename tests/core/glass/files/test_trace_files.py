"""A saved trace: every value, parameter and word comes back, without torch, and anything else is refused."""

import copy
import json
import pickle
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.cases import crossed
from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_config, make_model, trace_of
from transformer_core.glass.errors import CheckpointError
from transformer_core.glass.trace import Trace

ROOT = Path(__file__).resolve().parents[4]

READ_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from transformer_core import Trace
trace = Trace.load(sys.argv[1])
weights, head_out = trace["decoder.1.cross_attn.weights"], trace["decoder.0.self_attn.head_out"]
assert not weights.flags.writeable
print(trace.source_tokens[0], weights.shape, trace["head.probs"].shape, head_out.shape, len(trace.parameters))
"""


@pytest.mark.parametrize(("shape", "options"), crossed(SHAPES, {"default": {}, "others": OTHER_OPTIONS}))
def test_everything_comes_back(tmp_path, shape, options):
    trace = trace_of(make_model(make_config(**shape, **options)))
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    assert loaded.plan == trace.plan
    assert list(loaded) == list(trace)
    for key in trace:
        assert loaded[key].dtype == trace[key].dtype, key
        np.testing.assert_array_equal(loaded[key], trace[key], err_msg=key)
    assert set(loaded.parameters) == set(trace.parameters)
    for name in trace.parameters:
        np.testing.assert_array_equal(loaded.parameters[name], trace.parameters[name], err_msg=name)


def test_words_and_edits_come_back(tmp_path):
    words = {
        "source_tokens": ("我", "猫", "<0xF0>", '"', "</s>"),
        "target_tokens": ("<s>", "l'", "é", "a", "b", "c", "\\"),
        "written_tokens": ("x", "y", "z", "a", "b", "c", "</s>"),
    }
    trace = trace_of(
        make_model(), **words, written_ids=range(7), edit=lambda key, x: x.clone() if key == "encoder.out" else x
    )
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    for name, value in words.items():
        assert getattr(loaded, name) == value
    assert loaded.written_ids == tuple(range(7))
    assert loaded.edited == ("encoder.out",)


def test_loaded_arrays_are_read_only_and_derived_values_are_as_saved(tmp_path):
    trace_of(make_model()).save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    for value in [*loaded.values(), *loaded.parameters.values()]:
        with pytest.raises(ValueError, match="read-only"):
            value[...] = 0


@pytest.mark.slow
def test_a_saved_trace_is_read_where_torch_cannot_be_imported(tmp_path):
    path = tmp_path / "trace.npz"
    trace_of(make_model()).save(path)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READ_WITHOUT_TORCH, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    n_parameters = len(dict(make_model().named_parameters(remove_duplicate=False)))
    assert done.stdout.strip() == f"3 (3, 7, 5) (7, 13) (3, 7, 12) {n_parameters}"


def whole_file(tmp_path):
    trace_of(make_model()).save(tmp_path / "trace.npz")
    return tmp_path / "trace.npz"


def rewritten(tmp_path, change):
    """A saved trace with its arrays changed by `change`."""
    with np.load(whole_file(tmp_path)) as file:
        arrays = dict(file)
    change(arrays)
    path = tmp_path / "changed.npz"
    np.savez(path, **arrays)
    return path


def header_with(arrays, **changes):
    header = json.loads(str(arrays["trace.json"]))
    arrays["trace.json"] = np.array(json.dumps(header | changes))


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99], ids=str)
def test_a_truncated_file_is_refused(tmp_path, kept):
    path = whole_file(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(CheckpointError, match=r"trace\.npz is not a saved trace"):
        Trace.load(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match=r"nowhere\.npz is not a saved trace"):
        Trace.load(tmp_path / "nowhere.npz")


@pytest.mark.parametrize("content", [b"hello", pickle.dumps({"a": 1}), b"PK\x03\x04"], ids=["text", "pickle", "zip"])
def test_another_kind_of_file_is_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="is not a saved trace"):
        Trace.load(path)


def test_a_single_array_is_refused(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(CheckpointError, match="is not a saved trace"):
        Trace.load(tmp_path / "array.npy")


def test_pickled_objects_inside_are_never_loaded(tmp_path):
    def change(arrays):
        arrays["encoder.out"] = np.array([print], dtype=object)

    with pytest.raises(CheckpointError, match="is not a saved trace"):
        Trace.load(rewritten(tmp_path, change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("trace.json"), "is not a saved trace"),
        (lambda arrays: arrays.pop("encoder.0.add1"), r"lacks or adds the sites encoder\.0\.add1"),
        (lambda arrays: arrays.update({"encoder.9.q": np.zeros(3)}), r"lacks or adds the sites encoder\.9\.q"),
        (lambda arrays: arrays.update({"trace.json": np.array("[1]")}), "is not a saved trace"),
        (lambda arrays: header_with(arrays, plan={"class": "Plan", "kind": "half"}), "is not a saved trace"),
        (lambda arrays: header_with(arrays, words=3), "is not a saved trace"),
    ],
    ids=["no header", "a site less", "a site more", "a list", "half a plan", "no words"],
)
def test_contents_that_do_not_belong_together_are_refused(tmp_path, change, message):
    with pytest.raises(CheckpointError, match=message):
        Trace.load(rewritten(tmp_path, change))


def places_in(data, place=()):
    """Where each part of a plan stands in its data."""
    yield place
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places_in(value, (*place, key))


class TestDamagedPlans:
    """A plan of which any part is something else: refused by name, or a trace whose values are all there."""

    @pytest.fixture
    def arrays(self, tmp_path):
        path = tmp_path / "trace.npz"
        trace_of(make_model(make_config("decoder-only", n_decoder_layers=1))).save(path)
        with np.load(path) as file:
            return dict(file)

    @pytest.mark.parametrize("junk", [3, "x", ".q", None, True, [], [[1]], {}, {"class": "Block"}], ids=str)
    def test_no_other_error_comes_out(self, arrays, monkeypatch, junk):
        header = json.loads(str(arrays["trace.json"]))
        monkeypatch.setattr(np, "load", lambda *_, **__: nullcontext(Opened(damaged)))
        refused = 0
        for place in [place for place in places_in(header["plan"]) if place][::7]:
            changed = copy.deepcopy(header)
            part = changed["plan"]
            for key in place[:-1]:
                part = part[key]
            part[place[-1]] = junk
            damaged = arrays | {"trace.json": np.array(json.dumps(changed))}
            try:
                trace = Trace.load(__file__)  # any file that is there
            except CheckpointError:
                refused += 1
            else:
                assert set(trace) == {name for name in arrays if not name.startswith(("parameters/", "trace.json"))}
        assert refused > 10

    def test_a_header_nested_too_deeply_is_refused(self, tmp_path):
        deep = "[" * 100_000 + "]" * 100_000
        path = rewritten(tmp_path, lambda arrays: arrays.update({"trace.json": np.array(deep)}))
        with pytest.raises(CheckpointError, match="is not a saved trace"):
            Trace.load(path)


class Opened(dict):
    """What numpy makes of an open file."""

    @property
    def files(self):
        return list(self)


def test_single_precision_comes_back_as_single_precision(tmp_path):
    trace = trace_of(make_model(dtype=torch.float32))
    trace.save(tmp_path / "trace.npz")
    assert Trace.load(tmp_path / "trace.npz")["encoder.out"].dtype == np.float32
