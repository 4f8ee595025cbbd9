"""What is wrong with a folder of another's is named, and nothing of it is loaded or run."""

import json
import pickle
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from transformer_core.glass.errors import CheckpointError, ConfigError, NotFiniteError
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.models.files import load_model
from transformer_core.models.pretrained import families

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(BUNDLED / "stories-llama", tmp_path / "mine")


def change_config(folder, **fields):
    path = folder / "config.json"
    values = {**json.loads(path.read_text("utf-8")), **fields}
    path.write_text(json.dumps({name: one for name, one in values.items() if one is not ...}), "utf-8")


def change_weights(folder, change):
    state = load_file(folder / WEIGHTS)
    change(state)
    save_file(state, folder / WEIGHTS)


def in_shards(folder):
    """The weights in two files with an index."""
    state = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(state)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for file, part in parts.items():
        save_file({name: state[name] for name in part}, folder / file)
    table = {name: file for file, part in parts.items() for name in part}
    (folder / INDEX).write_text(json.dumps({"weight_map": table}), "utf-8")
    return table


def logits(glass):
    return glass.trace("Once upon a time")["head.logits"]


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


class TestWeights:
    def test_shards_hold_the_same(self, folder):
        wanted = logits(load_model(folder))
        in_shards(folder)
        assert (logits(load_model(folder)) == wanted).all()

    def test_a_shard_that_is_missing(self, folder):
        table = in_shards(folder)
        (folder / table["model.norm.weight"]).unlink()
        with pytest.raises(CheckpointError, match=table["model.norm.weight"]):
            load_model(folder)

    def test_a_name_in_no_shard(self, folder):
        table = in_shards(folder)
        index = {"weight_map": {**table, "model.ghost": table["model.norm.weight"]}}
        (folder / INDEX).write_text(json.dumps(index), "utf-8")
        with pytest.raises(CheckpointError, match=r"model\.ghost"):
            load_model(folder)

    @pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/passwd", "..", "a/b.safetensors", "a\\b"])
    def test_an_index_leads_to_no_other_folder(self, folder, name):
        (folder.parent / "secret.safetensors").write_bytes((folder / WEIGHTS).read_bytes())
        in_shards(folder)
        (folder / INDEX).write_text(json.dumps({"weight_map": {"model.norm.weight": name}}), "utf-8")
        with pytest.raises(CheckpointError, match="no name of a file in this folder"):
            load_model(folder)

    @pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
    def test_a_link_out_of_the_folder_is_not_followed(self, folder, name):
        there = shutil.move(folder / name, folder.parent / "elsewhere")
        (folder / name).symlink_to(there)
        with pytest.raises(CheckpointError, match="leads out of the folder"):
            load_model(folder)

    def test_a_link_inside_of_it_is(self, folder):
        (folder / "blobs").mkdir()
        shutil.move(folder / WEIGHTS, folder / "blobs" / "x")
        (folder / WEIGHTS).symlink_to("blobs/x")
        assert load_model(folder).abilities

    @pytest.mark.parametrize("kept", [0, 5, 100, 500_000])
    def test_a_truncated_file(self, folder, kept):
        data = (folder / WEIGHTS).read_bytes()
        (folder / WEIGHTS).write_bytes(data[:kept])
        with pytest.raises(CheckpointError, match="not a whole safetensors file"):
            load_model(folder)

    def test_a_missing_tensor_is_named_in_both_ways(self, folder):
        change_weights(folder, lambda state: state.pop("model.layers.3.mlp.up_proj.weight"))
        with pytest.raises(CheckpointError, match=r"layers\.3\.mlp\.up_proj\.weight \(decoder\.3\.ffn\.W_up\)"):
            load_model(folder)

    def test_an_extra_tensor_is_named(self, folder):
        change_weights(folder, lambda state: state.update({"model.layers.0.self_attn.q_norm.weight": torch.ones(8)}))
        with pytest.raises(CheckpointError, match=r"unknown model\.layers\.0\.self_attn\.q_norm\.weight"):
            load_model(folder)

    def test_a_misnamed_one_is_missing_and_unknown(self, folder):
        def rename(state):
            state["model.layers.0.self_attn.query.weight"] = state.pop("model.layers.0.self_attn.q_proj.weight")

        change_weights(folder, rename)
        with pytest.raises(CheckpointError, match=r"missing .*W_Q.*unknown .*query"):
            load_model(folder)

    def test_a_misshapen_one_is_named_with_both_shapes(self, folder):
        change_weights(folder, lambda state: state.update({"model.norm.weight": torch.ones(63)}))
        with pytest.raises(CheckpointError, match=r"model\.norm\.weight \(decoder\.norm\.gamma\).*\(63,\).*\(64,\)"):
            load_model(folder)

    def test_one_that_is_stored_the_other_way_round(self, folder):
        name = "model.layers.1.mlp.down_proj.weight"
        change_weights(folder, lambda state: state.update({name: state[name].T.contiguous()}))
        with pytest.raises(CheckpointError, match=r"W_2.*\(172, 64\).*\(64, 172\)"):
            load_model(folder)

    def test_a_harmless_one_may_be_there(self, folder):
        wanted = logits(load_model(folder))
        change_weights(
            folder, lambda state: state.update({"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)})
        )
        assert (logits(load_model(folder)) == wanted).all()

    def test_a_tied_copy_is_compared(self, folder):
        wanted = logits(load_model(folder))
        change_weights(
            folder, lambda state: state.update({"lm_head.weight": state["model.embed_tokens.weight"].clone()})
        )
        assert (logits(load_model(folder)) == wanted).all()
        change_weights(folder, lambda state: state["lm_head.weight"].mul_(1.5))
        with pytest.raises(CheckpointError, match=r"model\.embed_tokens\.weight and lm_head\.weight .* differ"):
            load_model(folder)

    def test_one_of_its_own_has_to_be_there(self, folder):
        change_config(folder, tie_word_embeddings=False)
        with pytest.raises(CheckpointError, match=r"missing lm_head\.weight \(head\.W\)"):
            load_model(folder)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_computed_in_float32(self, folder, dtype):
        def halve(state):
            state.update({name: x.to(dtype) for name, x in state.items()})

        change_weights(folder, halve)
        glass = load_model(folder)
        assert {p.dtype for p in glass.model.parameters()} == {torch.float32}
        kept = load_file(folder / WEIGHTS)["model.norm.weight"].float()
        assert torch.equal(glass.model.get_parameter("decoder.norm.gamma"), kept)
        assert logits(glass).dtype == "float32"

    @pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn])
    def test_quantised_weights_are_refused(self, folder, dtype):
        name = "model.layers.0.mlp.up_proj.weight"
        change_weights(folder, lambda state: state.update({name: state[name].to(dtype)}))
        with pytest.raises(CheckpointError, match=rf"{name} .*quantised"):
            load_model(folder)

    def test_a_number_that_is_not_finite_is_named(self, folder):
        change_weights(folder, lambda state: state["model.norm.weight"][3].fill_(torch.nan))
        with pytest.raises(NotFiniteError, match=r"model\.norm\.weight \(decoder\.norm\.gamma\)"):
            load_model(folder)

    def test_what_is_loaded_does_not_follow_the_file(self, folder):
        glass = load_model(folder)
        wanted = logits(glass)
        change_weights(folder, lambda state: state["model.norm.weight"].zero_())
        assert (logits(glass) == wanted).all()


class Loud:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


class TestPickles:
    def pickled(self, folder, architecture="LlamaForCausalLM"):
        (folder / WEIGHTS).unlink()
        (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Loud()))
        change_config(folder, architectures=[architecture])
        with pytest.raises(CheckpointError, match="python -c") as caught:
            load_model(folder)
        return caught.value

    def test_it_is_not_read_and_the_converting_command_is_given(self, folder):
        error = self.pickled(folder)
        assert error.fields["command"].startswith("python -c 'import transformers as t; t.LlamaForCausalLM.from_pre")

    def test_a_name_out_of_the_folder_is_no_part_of_the_command(self, folder):
        assert "rm -rf" not in self.pickled(folder, "x'; rm -rf /; '").fields["command"]

    @pytest.mark.peers
    @pytest.mark.slow
    def test_the_command_converts(self, folder):
        import subprocess
        import sys

        from transformers import LlamaForCausalLM

        wanted = logits(load_model(folder))
        theirs = LlamaForCausalLM.from_pretrained(folder)
        (folder / WEIGHTS).unlink()
        torch.save(theirs.state_dict(), folder / "pytorch_model.bin")
        with pytest.raises(CheckpointError) as caught:
            load_model(folder)
        command = caught.value.fields["command"].replace("python", f"'{sys.executable}'", 1)
        subprocess.run(command, shell=True, check=True, capture_output=True)
        assert abs(logits(load_model(folder)) - wanted).max() < 1e-5


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
