"""What is wrong with the config or the tokenizer of another's is named, and nothing of it is loaded."""

import json

import pytest

from tests.core.models.pretrained.damage import change_config, logits
from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.models.files import load_model
from transformer_core.models.pretrained import families


class TestConfig:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("model_type", "gemma"),
            ("rope_parameters", {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0}),
            ("rope_scaling", {"type": "dynamic", "factor": 2.0}),
            ("hidden_act", "gelu"),
            ("mlp_bias", True),
            ("quantization_config", {"quant_method": "bitsandbytes"}),
            ("auto_map", {"AutoModelForCausalLM": "modeling_evil.Evil"}),
            ("num_experts_per_tok", 2),
            ("query_pre_attn_scalar", 256),
            ("use_qk_norm", True),
            ("hidden_size", ...),
            ("hidden_size", -3),
            ("hidden_size", True),
            ("rms_norm_eps", "small"),
            ("vocab_size", 512.0),
        ],
    )
    def test_a_field_that_changes_the_computation_is_refused_by_its_name(self, folder, field, value):
        more = {"rope_parameters": ...} if field == "rope_scaling" else {}
        change_config(folder, **{field: value}, **more)
        with pytest.raises(ConfigError, match=field if field not in ("rope_parameters", "rope_scaling") else "type"):
            load_model(folder)

    @pytest.mark.parametrize("field", ["use_cache", "attention_dropout", "_name_or_path", "torch_dtype", "top_k"])
    def test_one_that_changes_no_value_is_not(self, folder, field):
        wanted = logits(load_model(folder))
        change_config(folder, **{field: 1})
        assert (logits(load_model(folder)) == wanted).all()

    def test_the_families_are_listed_where_none_matches(self, folder):
        change_config(folder, model_type="mamba")
        with pytest.raises(ConfigError) as caught:
            load_model(folder)
        assert all(repr(name) in str(caught.value) for family in families() for name in family.model_types)

    @pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, '{"model_type": "llama"}'])
    def test_a_config_that_is_none(self, folder, text):
        (folder / "config.json").write_text(text, "utf-8")
        with pytest.raises((CheckpointError, ConfigError), match="config"):
            load_model(folder)

    def test_more_layers_than_there_can_be_are_refused_before_anything_is_made(self, folder):
        change_config(folder, num_hidden_layers=10**9)
        with pytest.raises(CheckpointError, match="1000000000 layers"):
            load_model(folder)

    def test_sizes_are_compared_with_the_headers_before_anything_is_allocated(self, folder):
        change_config(folder, vocab_size=10**12)  # four terabytes
        with pytest.raises(CheckpointError, match=r"model\.embed_tokens\.weight .*\(512, 64\).*\(1000000000000, 64\)"):
            load_model(folder)


class TestOthers:
    def test_an_adapter(self, folder):
        (folder / "adapter_config.json").write_text("{}", "utf-8")
        with pytest.raises(CheckpointError, match="adapter"):
            load_model(folder)

    def test_a_folder_without_a_tokenizer(self, folder):
        (folder / "tokenizer.json").unlink()
        with pytest.raises(CheckpointError, match=r"tokenizer\.json is missing"):
            load_model(folder)

    @pytest.mark.parametrize("text", ["", "{}", "nonsense", '{"model": {}}', '{"version": "1.0", "model": null}'])
    def test_a_tokenizer_that_is_none(self, folder, text):
        (folder / "tokenizer.json").write_text(text, "utf-8")
        with pytest.raises(CheckpointError, match=r"tokenizer\.json is not a tokenizer file"):
            load_model(folder)

    def test_a_tokenizer_has_a_limit(self, folder):
        with (folder / "tokenizer.json").open("r+b") as file:
            file.truncate(65 * 2**20)
        with pytest.raises(CheckpointError, match=r"tokenizer\.json has 68,157,440 bytes"):
            load_model(folder)

    @pytest.mark.parametrize(
        ("file", "text"),
        [("merges.txt", "a b c"), ("vocab.json", "[]"), ("vocab.txt", b"\xff"), ("tokenizer.model", "x")],
    )
    @pytest.mark.parametrize("size", ["small", "large"])
    def test_older_files_of_a_tokenizer_that_are_none(self, folder, file, text, size):
        kinds = {"merges.txt": "gpt2", "vocab.json": "gpt2", "vocab.txt": "bert", "tokenizer.model": "llama"}
        (folder / "tokenizer.json").unlink()
        (folder / "vocab.json").write_text("{}", "utf-8")
        (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        if size == "large":
            with (folder / file).open("r+b") as opened:
                opened.truncate(17 * 2**20)
        change_config(folder, model_type=kinds[file])
        wanted = rf"{file}.* has 17,825,792 bytes" if size == "large" else r"is not a tokenizer file"
        with pytest.raises(CheckpointError, match=wanted):
            load_model(folder)

    def test_files_that_do_not_say_how_a_text_is_cut(self, folder):
        """Of a Llama with byte-level BPE there are several kinds, and vocab.json does not tell which."""
        (folder / "tokenizer.json").unlink()
        (folder / "vocab.json").write_text("{}", "utf-8")
        (folder / "merges.txt").write_text("", "utf-8")
        with pytest.raises(
            CheckpointError, match=r"tokenizer\.json is missing, and so is tokenizer\.model.*save_pretr"
        ):
            load_model(folder)

    def test_a_padding_or_cutting_tokenizer_does_neither(self, folder):
        wanted = load_model(folder).read_ids("Once upon a time")
        path = folder / "tokenizer.json"
        data = json.loads(path.read_text("utf-8"))
        data["truncation"] = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
        data["padding"] = {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0}
        data["padding"] |= {"pad_type_id": 0, "pad_token": "<unk>"}
        path.write_text(json.dumps(data), "utf-8")
        assert load_model(folder).read_ids("Once upon a time") == wanted

    def test_the_settings_say_whether_a_sign_stands_in_front(self, folder):
        path = folder / "tokenizer_config.json"
        settings = json.loads(path.read_text("utf-8"))
        with_sign = load_model(folder).read_ids("Once")
        path.write_text(json.dumps({**settings, "add_bos_token": False}), "utf-8")
        without = load_model(folder)
        assert with_sign == [1, *without.read_ids("Once")]
        assert without.decode("Once upon", max_length=4).ids

    def test_a_window_over_the_last_words_limits_the_text(self, folder):
        change_config(folder, model_type="mistral", sliding_window=20, attention_bias=..., mlp_bias=...)
        assert load_model(folder).config.max_length == 20
