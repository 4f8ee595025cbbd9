"""Models on disk: what is saved comes back, what does not fit is refused by name, and nothing half-loaded is left."""

import json
import os

import pytest
import torch
from safetensors.torch import load_file

from tests.core.tiny import (
    ARCHITECTURES,
    OTHER_OPTIONS,
    SOURCE,
    TARGET,
    batch_for,
    make_config,
    make_model,
)
from transformer_core.glass.errors import UnknownModelError
from transformer_core.models import files as checkpoints
from transformer_core.models.files import load_model, save_model


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

    def test_float16_is_what_a_file_holds_by_default(self, tmp_path, chinese, english):
        config = make_config(source_vocab_size=chinese.vocab_size, target_vocab_size=english.vocab_size)
        save_model(tmp_path, make_model(config), chinese, english)
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

    def test_saving_again_replaces_the_model(self, save, chinese, english):
        folder, model = save()
        with torch.no_grad():
            model.head.W.add_(1)
        save_model(folder, model, chinese, english, dtype=torch.float32)
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
        assert (checkpoints.BUNDLED.parent.parent / "transformer_core" / "models" / "files.py").is_file()


class TestSavingIsAtomic:
    def test_a_failed_save_leaves_the_old_files_and_no_scraps(self, save, chinese, english, monkeypatch):
        folder, model = save()
        before = {path.name: path.read_bytes() for path in folder.iterdir()}

        def fail(weights, path):
            path.write_bytes(b"half of it")
            raise OSError("No space left on device")

        monkeypatch.setattr(checkpoints, "save_file", fail)
        with pytest.raises(OSError, match="No space left"):
            save_model(folder, model, chinese, english)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        load_model(folder)

    def test_saving_leaves_the_model_as_it_was(self, save, chinese, english):
        folder, model = save()
        expected = model(SOURCE, TARGET)
        save_model(folder, model, chinese, english, dtype=torch.float16)
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
        assert torch.equal(model(SOURCE, TARGET), expected)

    def test_files_can_be_read_by_everyone(self, save):
        folder, _ = save()
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
