"""Weights of another's that are not whole, not of the config, or a pickle are refused, and nothing of them is run."""

import json
import pickle
import shutil

import pytest
import torch
from safetensors.torch import load_file

from tests.core.models.pretrained.damage import INDEX, WEIGHTS, change_config, change_weights, in_shards, logits
from transformer_core.glass.errors import CheckpointError, NotFiniteError
from transformer_core.models.files import load_model


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
