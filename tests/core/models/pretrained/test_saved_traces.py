"""A saved trace of another's checkpoint refers to its weights: by folder, or by name and commit, and a hash."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.fake_hub import COMMIT, running_hub
from tests.core.hub import save_variant
from tests.core.models.pretrained.damage import in_shards
from transformer_core.glass.errors import CheckpointError, StoredWeightsError
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.glass.formulas import difference
from transformer_core.glass.trace import Trace
from transformer_core.models.files import load_model

HUB_NAME = "somebody/a-Model.1"
TEXT = "Once upon a time"


def saved(glass, path):
    trace = glass.trace(TEXT)
    trace.save(path)
    with np.load(path) as file:
        assert not [name for name in file.files if name.startswith("parameters/")]
    return trace


def compare(loaded, trace):
    assert list(loaded.parameters) == list(trace.parameters)
    for name in trace.parameters:
        found, wanted = loaded.parameters[name], trace.parameters[name]
        assert found.dtype == wanted.dtype
        assert loaded.shape(name) == wanted.shape
        assert not found.flags.writeable
        np.testing.assert_array_equal(found, wanted, err_msg=name)


@pytest.mark.peers
@pytest.mark.parametrize("name", ["gpt2", "marian", "t5"])
def test_a_checkpoint_in_a_folder_is_found_where_the_reader_says(name, tmp_path):
    """Fused, transposed, tied and one-row tensors, in one file, in half precision, and in two."""
    folder = tmp_path / "theirs"
    save_variant(name, folder)
    if name == "gpt2":
        halves = {key: x.to(torch.bfloat16) for key, x in load_file(folder / "model.safetensors").items()}
        save_file(halves, folder / "model.safetensors")
    elif name == "t5":
        in_shards(folder)
    trace = saved(load_model(folder), tmp_path / "trace.npz")
    moved = shutil.move(folder, tmp_path / "elsewhere")
    loaded = Trace.load(tmp_path / "trace.npz", folder=moved)
    compare(loaded, trace)
    loaded.save(tmp_path / "again.npz")
    compare(Trace.load(tmp_path / "again.npz", folder=moved), trace)
    stack = loaded.plan.word_lists[0].stack
    assert difference(loaded, f"{stack}.0.self_attn.q") < 1e-5
    lost = Trace.load(tmp_path / "trace.npz")
    np.testing.assert_array_equal(lost["head.logits"], trace["head.logits"])
    with pytest.raises(StoredWeightsError, match=r"theirs.*Trace\.load.*folder") as caught:
        lost.parameters["head.W"]
    assert caught.value.fields["model"] == str(folder)


def test_other_weights_in_that_folder_are_refused_and_changed_ones_are_copied(folder, tmp_path):
    trace = saved(load_model(folder), tmp_path / "trace.npz")
    state = load_file(folder / "model.safetensors")
    state["model.norm.weight"][3] += 1
    save_file(state, folder / "model.safetensors")
    with pytest.raises(StoredWeightsError, match="holds others"):
        Trace.load(tmp_path / "trace.npz", folder=folder).parameters["head.W"]
    trace.save(tmp_path / "copied.npz")  # its file is another now
    compare(Trace.load(tmp_path / "copied.npz"), trace)


def test_a_model_of_a_hub_is_found_in_the_cache_by_its_commit(tmp_path):
    with running_hub(tmp_path / "cache", {HUB_NAME: BUNDLED / "stories-llama"}) as hub:
        trace = saved(load_model(HUB_NAME), tmp_path / "trace.npz")
        asked = hub.asked
        compare(Trace.load(tmp_path / "trace.npz"), trace)
        shutil.rmtree(tmp_path / "cache")
        with pytest.raises(StoredWeightsError, match=rf"{HUB_NAME}' at {COMMIT}.*load_model.*{COMMIT}") as caught:
            Trace.load(tmp_path / "trace.npz").parameters["head.W"]
        assert (caught.value.fields["model"], caught.value.fields["revision"]) == (HUB_NAME, COMMIT)
        assert hub.asked == asked  # a trace goes to no network


@pytest.mark.parametrize(
    "change",
    [
        {"model": "../a/b"},
        {"revision": "../../elsewhere"},
        {"places": {"head.W": ["../model.safetensors", "model.embed_tokens.weight", None, False, None]}},
        {"places": {"head.W": ["model.safetensors", "no such", None, False, None]}},
        {"places": {"head.W": ["model.safetensors", "model.embed_tokens.weight", [7, 7], False, [5, 0]]}},
    ],
    ids=str,
)
def test_what_a_file_tells_leads_nowhere_else(folder, tmp_path, change):
    saved(load_model(folder), tmp_path / "trace.npz")
    with np.load(tmp_path / "trace.npz") as file:
        arrays = dict(file)
    header = json.loads(str(arrays["trace.json"]))
    header["parameters"] |= {"model": HUB_NAME, "revision": COMMIT} | change
    np.savez(tmp_path / "other.npz", **arrays | {"trace.json": np.array(json.dumps(header))})
    with running_hub(tmp_path / "cache", {HUB_NAME: folder}):
        with pytest.raises((StoredWeightsError, CheckpointError)):
            Trace.load(tmp_path / "other.npz", folder=folder if "places" in change else None).parameters["head.W"]


def test_weights_that_were_changed_in_the_model_are_copied(folder, tmp_path):
    glass = load_model(folder)
    with torch.no_grad():
        glass.model.head.W[3, 5] += 1
    trace = glass.trace(TEXT)
    trace.save(tmp_path / "changed.npz")
    compare(Trace.load(tmp_path / "changed.npz"), trace)
