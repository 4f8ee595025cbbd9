"""Files of a model that are damaged or do not belong together: refused by name, and nothing half-loaded is left."""

import json
import os
import pickle
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.tiny import make_model
from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.models.files import load_model
from transformer_core.models.weights import load_state, load_weights
from transformer_core.text.tokenizer import Tokenizer


def copied_state(path):
    """The tensors of a file, no longer mapped to it: the file is about to be overwritten."""
    return {name: tensor.clone() for name, tensor in load_file(path).items()}


def without_last_bytes(path):
    path.write_bytes(path.read_bytes()[:-7])


def without_most(path):
    path.write_bytes(path.read_bytes()[:100])


def empty(path):
    path.write_bytes(b"")


def pickled(path):
    state = copied_state(path)
    with open(path, "wb") as file:
        torch.save(state, file)


def plain_pickle(path):
    path.write_bytes(pickle.dumps({"weights": [1.0]}))


def text(path):
    path.write_text("<html>404: Not Found</html>")


def huge_header(path):
    path.write_bytes(struct.pack("<Q", 2**60) + b"{}")


def as_folder(path):
    path.unlink()
    path.mkdir()


def gone(path):
    path.unlink()


NO_SAFETENSORS = [without_last_bytes, without_most, empty, pickled, plain_pickle, text, huge_header, as_folder, gone]


def change_state(change):
    def damage(path):
        state = copied_state(path)
        change(state)
        save_file(state, path)

    return damage


def other_shape(state):
    state["encoder.0.ffn.W_1"] = torch.zeros(12, 7)


def other_last_shape(state):
    last = max(state)
    state[last] = torch.zeros(3)


def transposed(state):
    state["encoder.1.ffn.W_1"] = state["encoder.1.ffn.W_1"].T.contiguous()


def missing(state):
    del state["decoder.1.cross_attn.b_V"]


def unknown(state):
    state["decoder.2.cross_attn.b_V"] = torch.zeros(12)


def of_another_program(state):
    for name in list(state):
        state[f"model.{name}"] = state.pop(name)


WRONG_STATES = [
    (other_shape, r"encoder\.0\.ffn\.W_1 has shape \(12, 7\), and the config asks for \(12, 11\)"),
    (other_last_shape, r"has shape \(3,\), and the config asks for"),
    (transposed, r"encoder\.1\.ffn\.W_1 has shape \(11, 12\), and the config asks for \(12, 11\)"),
    (missing, r"missing decoder\.1\.cross_attn\.b_V, unknown nothing"),
    (unknown, r"missing nothing, unknown decoder\.2\.cross_attn\.b_V"),
    (of_another_program, r"missing decoder\.0\.\S+, \S+, \S+ and \d+ more, unknown model\.decoder"),
]


class TestDamagedWeights:
    @pytest.mark.parametrize("damage", NO_SAFETENSORS, ids=lambda damage: damage.__name__)
    def test_what_is_no_whole_safetensors_file_is_refused(self, save, damage):
        folder, _ = save()
        damage(folder / "model.safetensors")
        with pytest.raises(CheckpointError, match=r"model\.safetensors is not a whole safetensors file") as caught:
            load_model(folder)
        assert caught.value.code == "checkpoint"
        assert caught.value.fields["path"] == str(folder / "model.safetensors")

    @pytest.mark.parametrize(("change", "message"), WRONG_STATES, ids=[change.__name__ for change, _ in WRONG_STATES])
    def test_weights_that_do_not_fit_the_config_are_refused_by_name(self, save, change, message):
        folder, _ = save()
        change_state(change)(folder / "model.safetensors")
        with pytest.raises(CheckpointError, match=message):
            load_model(folder)

    @pytest.mark.parametrize(
        "damage",
        [*NO_SAFETENSORS, *(change_state(change) for change, _ in WRONG_STATES)],
        ids=[f.__name__ for f in NO_SAFETENSORS] + [change.__name__ for change, _ in WRONG_STATES],
    )
    def test_a_failed_load_leaves_the_model_as_it_was(self, save, damage):
        folder, saved = save()
        damage(folder / "model.safetensors")
        model = make_model(saved.config, dtype=torch.float32, seed=1)
        before = {name: parameter.clone() for name, parameter in model.named_parameters()}
        with pytest.raises(CheckpointError):
            load_weights(model, folder / "model.safetensors")
        for name, parameter in model.named_parameters():
            assert torch.equal(parameter, before[name]), name

    def test_no_pickle_is_ever_executed(self, save, tmp_path):
        folder, _ = save()

        class Trap:
            def __reduce__(self):
                return (os.mkdir, (str(tmp_path / "executed"),))

        (folder / "model.safetensors").write_bytes(pickle.dumps(Trap()))
        with pytest.raises(CheckpointError, match="safetensors only"):
            load_state(folder / "model.safetensors")
        assert not (tmp_path / "executed").exists()


class TestDamagedConfig:
    @pytest.mark.parametrize(
        ("text", "error", "message"),
        [
            ("", CheckpointError, r"config\.json cannot be read as a config"),
            ('{"d_model": 12', CheckpointError, r"config\.json cannot be read as a config"),
            ("[1, 2]", CheckpointError, r"config\.json must hold a JSON object, not list"),
            ("{}", ConfigError, r"config\.json: .*missing: \['activation'"),
        ],
        ids=["empty", "truncated", "a list", "no fields"],
    )
    def test_a_file_that_is_no_config_is_refused(self, save, text, error, message):
        folder, _ = save()
        (folder / "config.json").write_text(text)
        with pytest.raises(error, match=message):
            load_model(folder)

    def test_bytes_that_are_no_text_are_refused(self, save):
        folder, _ = save()
        (folder / "config.json").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(CheckpointError, match="cannot be read as a config"):
            load_model(folder)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda values: values["norm"].pop("eps"), r"unknown: none, missing: \['norm.eps'\]"),
            (lambda values: values.update(hidden_size=12), r"unknown: \['hidden_size'\], missing: none"),
            (lambda values: values["attention"].update(n_heads=5), r"attention.n_heads \(5\) must be divisible by"),
            (lambda values: values["feed_forward"].update(activation="swish"), "not 'swish'"),
            (lambda values: values.update(format=3), "format must be from 1 to 2, not 3"),
        ],
        ids=["missing", "unknown", "impossible", "no such activation", "a later format"],
    )
    def test_fields_that_make_no_config_are_refused_with_the_path(self, save, change, message):
        folder, _ = save()
        values = json.loads((folder / "config.json").read_text())
        change(values)
        (folder / "config.json").write_text(json.dumps(values))
        with pytest.raises(ConfigError, match=message) as caught:
            load_model(folder)
        assert str(folder / "config.json") in str(caught.value)

    def test_a_folder_without_a_config_is_no_model(self, tmp_path):
        with pytest.raises(CheckpointError, match=r"config\.json cannot be read"):
            load_model(tmp_path)


class TestDamagedTokenizers:
    @pytest.mark.parametrize("side", ["source", "target"])
    def test_a_missing_tokenizer_is_named(self, save, side):
        folder, _ = save()
        (folder / f"{side}_tokenizer.json").unlink()
        with pytest.raises(CheckpointError, match=rf"{side}_tokenizer\.json"):
            load_model(folder)

    @pytest.mark.parametrize("side", ["source", "target"])
    def test_a_tokenizer_of_another_size_is_refused_with_both_numbers(self, save, side):
        folder, model = save()
        other = Tokenizer.train_characters(["狗"])
        other.save(folder / f"{side}_tokenizer.json")
        wanted = getattr(model.config, f"{side}_vocab_size")
        message = rf"{side}_tokenizer\.json has {other.vocab_size} entries, and config\.json says {wanted}"
        assert other.vocab_size != wanted
        with pytest.raises(CheckpointError, match=message):
            load_model(folder)
