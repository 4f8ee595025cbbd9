"""Models on disk: what is saved comes back, what does not fit is refused by name, and nothing half-loaded is left."""

import json
import os
import pickle
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.tiny import (
    ARCHITECTURES,
    OTHER_OPTIONS,
    SOURCE,
    TARGET,
    batch_for,
    make_config,
    make_model,
)
from transformer_core import checkpoints
from transformer_core.checkpoints import load_model, load_state, load_weights, save_model
from transformer_core.errors import CheckpointError, ConfigError, UnknownModelError
from transformer_core.tokenizer import Tokenizer

SOURCE_LINES = ["我有一只猫。", "他是一个学生。"]
TARGET_LINES = ["I have a cat.", "He is a student."] * 3


@pytest.fixture(scope="module")
def tokenizers():
    """A Chinese and an English tokenizer, trained on two invented sentences each."""
    return Tokenizer.train_characters(SOURCE_LINES), Tokenizer.train_bpe(TARGET_LINES, 365, language="en")


@pytest.fixture
def save(tmp_path, tokenizers):
    """A function that saves a model of a shape to a folder and returns both."""

    def save(architecture="encoder-decoder", dtype=torch.float32, **options):
        source, target = tokenizers
        if architecture != "decoder-only":
            options["source_vocab_size"] = source.vocab_size
        if architecture != "encoder-only":
            options["target_vocab_size"] = target.vocab_size
        model = make_model(make_config(architecture, **options), dtype=torch.float32)
        folder = tmp_path / "tiny"
        save_model(
            folder,
            model,
            source if model.config.has_encoder else None,
            target if model.config.has_decoder else None,
            dtype=dtype,
        )
        return folder, model

    return save


class TestRoundTrip:
    @pytest.mark.parametrize("options", [{}, OTHER_OPTIONS], ids=["default", "others"])
    @pytest.mark.parametrize("architecture", ARCHITECTURES)
    def test_float32_comes_back_bit_for_bit(self, save, architecture, options):
        folder, model = save(architecture, **options)
        glass = load_model(folder)
        assert glass.config == model.config
        for name, parameter in model.named_parameters():
            assert torch.equal(glass.model.get_parameter(name), parameter), name
        assert torch.equal(glass.model(*batch_for(model.config)), model(*batch_for(model.config)))

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
    def test_half_precision_is_rounded_once_and_computed_in_float32(self, save, dtype):
        folder, model = save(dtype=dtype)
        glass = load_model(folder)
        for name, parameter in model.named_parameters():
            loaded = glass.model.get_parameter(name)
            assert loaded.dtype == torch.float32
            assert torch.equal(loaded, parameter.to(dtype).float()), name
        small, large = os.path.getsize(folder / "model.safetensors"), sum(p.nbytes for p in model.parameters())
        assert small < 0.7 * large

    def test_float16_is_what_a_file_holds_by_default(self, tmp_path, tokenizers):
        source, target = tokenizers
        config = make_config(source_vocab_size=source.vocab_size, target_vocab_size=target.vocab_size)
        save_model(tmp_path, make_model(config), source, target)
        assert {x.dtype for x in load_file(tmp_path / "model.safetensors").values()} == {torch.float16}

    @pytest.mark.parametrize("tied", [True, False])
    def test_a_tied_table_is_written_once_and_stays_tied(self, save, tied):
        folder, model = save(tie_output=tied)
        assert ("head.W" in load_file(folder / "model.safetensors")) == (not tied)
        loaded = load_model(folder).model
        assert (loaded.head.W is loaded.tgt_embed.W_E) == tied
        assert torch.equal(loaded.head.W, model.head.W)

    def test_a_loaded_model_is_for_looking_at(self, save):
        folder, _ = save()
        glass = load_model(str(folder))
        assert not glass.model.training
        assert not any(parameter.requires_grad for parameter in glass.model.parameters())
        assert glass.name == "tiny"

    def test_a_folder_named_by_a_dot_has_its_own_name(self, save, monkeypatch):
        folder, _ = save()
        monkeypatch.chdir(folder)
        assert load_model(".").name == "tiny"

    @pytest.mark.parametrize(
        ("architecture", "files"),
        [
            ("encoder-decoder", {"source_tokenizer.json", "target_tokenizer.json"}),
            ("encoder-only", {"source_tokenizer.json"}),
            ("decoder-only", {"target_tokenizer.json"}),
        ],
    )
    def test_a_folder_holds_the_tokenizers_of_its_sides_and_nothing_else(self, save, architecture, files):
        folder, _ = save(architecture)
        assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"} | files
        glass = load_model(folder)
        assert (glass.source_tokenizer is not None) == ("source_tokenizer.json" in files)
        assert (glass.target_tokenizer is not None) == ("target_tokenizer.json" in files)

    def test_the_config_file_holds_every_field_by_name(self, save):
        folder, model = save()
        assert json.loads((folder / "config.json").read_text()) == model.config.to_dict()

    def test_saving_again_replaces_the_model(self, save, tokenizers):
        folder, model = save()
        with torch.no_grad():
            model.head.W.add_(1)
        save_model(folder, model, *tokenizers, dtype=torch.float32)
        assert torch.equal(load_model(folder).model.head.W, model.head.W)


class TestNames:
    def test_a_bundled_model_is_found_by_its_name_from_anywhere(self, save, monkeypatch, tmp_path):
        folder, _ = save()
        monkeypatch.setattr(checkpoints, "BUNDLED", folder.parent)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert load_model("tiny").name == "tiny"

    def test_an_unknown_name_is_answered_with_the_bundled_ones(self, save, monkeypatch):
        folder, _ = save()
        monkeypatch.setattr(checkpoints, "BUNDLED", folder.parent)
        with pytest.raises(
            UnknownModelError, match=r"'zh-e' is neither a bundled model \(tiny\) nor a folder"
        ) as caught:
            load_model("zh-e")
        assert caught.value.fields == {"name": "zh-e", "known": ("tiny",)}
        assert caught.value.code == "unknown_model"

    def test_where_nothing_is_bundled_the_message_says_so(self, monkeypatch, tmp_path):
        monkeypatch.setattr(checkpoints, "BUNDLED", tmp_path)
        with pytest.raises(UnknownModelError, match=r"\(none\)"):
            load_model("zh-en")

    def test_bundled_models_lie_beside_the_package(self):
        assert checkpoints.BUNDLED.parts[-2:] == ("assets", "models")
        assert (checkpoints.BUNDLED.parent.parent / "transformer_core" / "checkpoints.py").is_file()


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
            (lambda values: values.pop("norm_eps"), r"unknown: none, missing: \['norm_eps'\]"),
            (lambda values: values.update(hidden_size=12), r"unknown: \['hidden_size'\], missing: none"),
            (lambda values: values.update(n_heads=5), r"d_model \(12\) must be divisible by n_heads \(5\)"),
            (lambda values: values.update(activation="swish"), "not 'swish'"),
        ],
        ids=["missing", "unknown", "impossible", "no such activation"],
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
    def test_a_tokenizer_of_another_size_is_refused_with_both_numbers(self, save, tokenizers, side):
        folder, model = save()
        other = Tokenizer.train_characters([*SOURCE_LINES, "狗"])
        other.save(folder / f"{side}_tokenizer.json")
        wanted = getattr(model.config, f"{side}_vocab_size")
        message = rf"{side}_tokenizer\.json has {other.vocab_size} entries, and config\.json says {wanted}"
        assert other.vocab_size != wanted
        with pytest.raises(CheckpointError, match=message):
            load_model(folder)


class TestSavingIsAtomic:
    def test_a_failed_save_leaves_the_old_files_and_no_scraps(self, save, tokenizers, monkeypatch):
        folder, model = save()
        before = {path.name: path.read_bytes() for path in folder.iterdir()}

        def fail(weights, path):
            path.write_bytes(b"half of it")
            raise OSError("No space left on device")

        monkeypatch.setattr(checkpoints, "save_file", fail)
        with pytest.raises(OSError, match="No space left"):
            save_model(folder, model, *tokenizers)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        load_model(folder)

    def test_saving_leaves_the_model_as_it_was(self, save, tokenizers):
        folder, model = save()
        expected = model(SOURCE, TARGET)
        save_model(folder, model, *tokenizers, dtype=torch.float16)
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
        assert torch.equal(model(SOURCE, TARGET), expected)

    def test_files_can_be_read_by_everyone(self, save):
        folder, _ = save()
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
