"""Models by their names on a hub: what is read is fetched once and kept; whatever goes wrong is told by its name."""

import shutil
import sys

import pytest

from tests.core.fake_hub import COMMIT, running_hub
from tests.core.models.pretrained.damage import change_config, in_shards, logits
from transformer_core.glass import errors
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.models.files import load_model

NAME = "somebody/a-Model.1"
WEIGHTS = "model.safetensors"


@pytest.fixture
def models(tmp_path):
    """A hub's models: one as it is saved, and others in which something is different."""
    found = {}
    for name in (NAME, "somebody/sharded", "somebody/pickled", "somebody/unknown", "somebody/gated"):
        found[name] = shutil.copytree(BUNDLED / "stories-llama", tmp_path / name)
        (found[name] / "pytorch_model.bin").write_bytes(b"pickle")
        (found[name] / "onnx").mkdir()
        (found[name] / "onnx" / WEIGHTS).write_bytes(b"other weights")
    in_shards(found["somebody/sharded"])
    (found["somebody/pickled"] / WEIGHTS).unlink()
    change_config(found["somebody/unknown"], model_type="mamba")
    return found


@pytest.fixture
def hub(models, tmp_path):
    with running_hub(tmp_path / "cache", models, gated=("somebody/gated",), broken=("somebody/broken",)) as running:
        yield running


def test_what_is_read_is_fetched_with_progress_and_then_kept(hub, models):
    told = []
    glass = load_model(NAME, progress=lambda there, total: told.append((there, total)))
    assert (glass.name, glass.revision) == (NAME, COMMIT)
    assert sorted(hub.fetched) == ["config.json", WEIGHTS, "tokenizer.json", "tokenizer_config.json"]
    size = (models[NAME] / WEIGHTS).stat().st_size
    assert told[-1] == (size, size)
    assert [there for there, _ in told] == sorted(there for there, _ in told)
    assert (logits(glass) == logits(load_model("stories-llama"))).all()
    asked = hub.asked
    assert load_model(NAME).revision == load_model(NAME, revision=COMMIT).revision == COMMIT
    assert hub.asked == asked
    hub.close()
    assert load_model(NAME).revision == COMMIT


def test_weights_in_several_files(hub):
    glass = load_model("somebody/sharded")
    assert (logits(glass) == logits(load_model("stories-llama"))).all()
    assert not {WEIGHTS, "pytorch_model.bin"} & set(hub.fetched)


def test_what_was_fetched_in_part_is_fetched_as_a_whole(hub, tmp_path):
    load_model(NAME)
    (lost,) = (tmp_path / "cache").rglob(f"snapshots/*/{WEIGHTS}")
    lost.resolve().unlink()
    lost.unlink()
    hub.fetched.clear()
    load_model(NAME)
    assert hub.fetched == [WEIGHTS]


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("nobody/nothing", {}, errors.UnknownModelError, "no model of that name on the hub"),
        (NAME, {"revision": "v9"}, errors.UnknownModelError, "has no revision 'v9'"),
        ("somebody/gated", {}, errors.GatedModelError, "ask on https://huggingface.co/somebody/gated"),
        ("somebody/broken", {}, errors.DownloadError, "could not be downloaded.*418"),
        ("somebody/pickled", {}, errors.CheckpointError, "has no model.safetensors.*convert it once"),
        ("somebody/unknown", {}, errors.ConfigError, "model_type is 'mamba'"),
        (NAME, {"weight_bytes": 1000}, errors.ModelSizeError, "weight_bytes allows"),
    ],
    ids=str,
)
def test_what_cannot_be_opened_is_named_before_any_weight_is_fetched(hub, name, options, error, message):
    with pytest.raises(error, match=message):
        load_model(name, **options)
    assert WEIGHTS not in hub.fetched
    assert "pytorch_model.bin" not in hub.fetched


def test_without_a_network(hub, monkeypatch):
    from huggingface_hub import constants

    with monkeypatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(errors.NoNetworkError, match="not in the cache"):
            load_model(NAME)
    hub.close()
    with pytest.raises(errors.NoNetworkError, match="go online once"):
        load_model(NAME)


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(errors.MissingPackageError, match=r"'huggingface_hub', which is not installed.*hub"):
        load_model(NAME)


@pytest.mark.parametrize("name", ["gpt2", "a/b/c", "/a/b", "../a", "a/..", "a b/c", "a/b@main", ""])
def test_what_is_no_name_of_a_hub_is_never_asked_for(hub, name):
    with pytest.raises(errors.GlassformerError):
        load_model(name)
    assert hub.asked == 0
