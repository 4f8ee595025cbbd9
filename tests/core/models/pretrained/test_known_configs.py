"""The config.json of checkpoints that many people have: every field is known, and says what it should."""

import pytest

from transformer_core.glass.errors import ConfigError
from transformer_core.models.pretrained import families
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.opening import read_config
from transformer_core.transformer.blocks import Learned, RelativeBias, Rotary, Sinusoidal

GPT2 = {
    "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1, "bos_token_id": 50256,
    "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05,
    "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
    "resid_pdrop": 0.1, "summary_activation": None, "summary_first_dropout": 0.1, "summary_proj_to_labels": True,
    "summary_type": "cls_index", "summary_use_proj": True, "vocab_size": 50257,
    "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
}  # fmt: skip
BERT = {
    "architectures": ["BertForMaskedLM"], "attention_probs_dropout_prob": 0.1, "gradient_checkpointing": False,
    "directionality": "bidi", "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 768,
    "initializer_range": 0.02, "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512,
    "model_type": "bert", "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 0, "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12, "pooler_num_fc_layers": 3, "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform", "position_embedding_type": "absolute", "transformers_version": "4.6.0.dev0",
    "type_vocab_size": 2, "use_cache": True, "vocab_size": 21128,
}  # fmt: skip
ROBERTA = {
    "architectures": ["RobertaForMaskedLM"], "attention_probs_dropout_prob": 0.1, "bos_token_id": 0, "eos_token_id": 2,
    "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02,
    "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 514, "model_type": "roberta",
    "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 1, "type_vocab_size": 1, "vocab_size": 50265,
}  # fmt: skip
DISTILBERT = {
    "activation": "gelu", "architectures": ["DistilBertForMaskedLM"], "attention_dropout": 0.1, "dim": 768,
    "dropout": 0.1, "hidden_dim": 3072, "initializer_range": 0.02, "max_position_embeddings": 512,
    "model_type": "distilbert", "n_heads": 12, "n_layers": 6, "pad_token_id": 0, "qa_dropout": 0.1,
    "seq_classif_dropout": 0.2, "sinusoidal_pos_embds": False, "tie_weights_": True, "vocab_size": 30522,
}  # fmt: skip
MARIAN = {
    "_name_or_path": "/tmp/Helsinki-NLP/opus-mt-zh-en", "_num_labels": 3, "activation_dropout": 0.0,
    "activation_function": "swish", "add_bias_logits": False, "add_final_layer_norm": False,
    "architectures": ["MarianMTModel"], "attention_dropout": 0.0, "bad_words_ids": [[65000]], "bos_token_id": 0,
    "classif_dropout": 0.0, "classifier_dropout": 0.0, "d_model": 512, "decoder_attention_heads": 8,
    "decoder_ffn_dim": 2048, "decoder_layerdrop": 0.0, "decoder_layers": 6, "decoder_start_token_id": 65000,
    "decoder_vocab_size": 65001, "dropout": 0.1, "encoder_attention_heads": 8, "encoder_ffn_dim": 2048,
    "encoder_layerdrop": 0.0, "encoder_layers": 6, "eos_token_id": 0, "extra_pos_embeddings": 65001,
    "force_bos_token_to_be_generated": False, "forced_eos_token_id": 0, "id2label": {"0": "LABEL_0"}, "init_std": 0.02,
    "is_encoder_decoder": True, "label2id": {"LABEL_0": 0}, "max_length": 512, "max_position_embeddings": 512,
    "model_type": "marian", "normalize_before": False, "normalize_embedding": False, "num_beams": 6,
    "num_hidden_layers": 6, "pad_token_id": 65000, "scale_embedding": True, "share_encoder_decoder_embeddings": True,
    "static_position_embeddings": True, "transformers_version": "4.22.0.dev0", "use_cache": True, "vocab_size": 65001,
}  # fmt: skip
T5 = {
    "architectures": ["T5ForConditionalGeneration"], "d_ff": 2048, "d_kv": 64, "d_model": 512,
    "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1, "feed_forward_proj": "relu",
    "initializer_factor": 1.0, "is_encoder_decoder": True, "layer_norm_epsilon": 1e-06, "model_type": "t5",
    "n_positions": 512, "num_decoder_layers": 6, "num_heads": 8, "num_layers": 6, "output_past": True,
    "pad_token_id": 0, "relative_attention_max_distance": 128, "relative_attention_num_buckets": 32,
    "task_specific_params": {"summarization": {"prefix": "summarize: "}}, "use_cache": True, "vocab_size": 32128,
}  # fmt: skip
FLAN = T5 | {
    "d_ff": 1024, "dense_act_fn": "gelu_new", "feed_forward_proj": "gated-gelu", "is_gated_act": True, "num_heads": 6,
    "num_layers": 8, "num_decoder_layers": 8, "tie_word_embeddings": False, "torch_dtype": "float32",
}  # fmt: skip
LLAMA = {
    "architectures": ["LlamaForCausalLM"], "attention_bias": False, "bos_token_id": 1, "eos_token_id": 2,
    "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 5632,
    "max_position_embeddings": 2048, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 22,
    "num_key_value_heads": 4, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": None, "rope_theta": 10000.0,
    "tie_word_embeddings": False, "torch_dtype": "bfloat16", "transformers_version": "4.35.0", "use_cache": True,
    "vocab_size": 32000,
}  # fmt: skip
SMOL = LLAMA | {
    "attention_dropout": 0.0, "hidden_size": 576, "intermediate_size": 1536, "is_llama_config": True, "mlp_bias": False,
    "num_attention_heads": 9, "num_hidden_layers": 30, "num_key_value_heads": 3, "rope_interleaved": False,
    "rope_theta": 100000, "tie_word_embeddings": True, "vocab_size": 49152, "head_dim": 64,
}  # fmt: skip
QWEN2 = {
    "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151643,
    "hidden_act": "silu", "hidden_size": 896, "initializer_range": 0.02, "intermediate_size": 4864,
    "max_position_embeddings": 131072, "max_window_layers": 24, "model_type": "qwen2", "num_attention_heads": 14,
    "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
    "sliding_window": 131072, "tie_word_embeddings": True, "torch_dtype": "bfloat16", "use_cache": True,
    "use_sliding_window": False, "vocab_size": 151936,
}  # fmt: skip
MISTRAL = LLAMA | {"model_type": "mistral", "sliding_window": 1024, "max_position_embeddings": 32768}
LLAMA3 = {"rope_type": "llama3", "factor": 32.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}


class Named:
    """Signs as a tokenizer tells them."""

    def id(self, *names):
        return {"cls": 1, "bos": 1, "sep": 2, "eos": 2}[names[0]]


def read(values, names=()):
    fields = Fields(values, "config.json")
    (family,) = (one for one in families() if one.matches(fields))
    return read_config(family, fields, names, Named())


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        (GPT2, {"positions": Learned(), "d_ff": 3072, "max_length": 1024, "eos_id": 50256, "pad_id": 50256}),
        (BERT, {"positions": Learned(), "head": None, "n_encoder_layers": 12, "eos_id": 2}),
        (ROBERTA, {"positions": Learned(2), "max_length": 512, "pad_id": 1}),
        (DISTILBERT, {"d_ff": 3072, "n_encoder_layers": 6}),
        (MARIAN, {"positions": Sinusoidal("halves"), "bos_id": 65000, "never": (65000,), "eos_id": 0}),
        (T5, {"positions": RelativeBias(), "bos_id": 0, "n_kv_heads": 8, "d_head": 64, "never": ()}),
        (FLAN, {"n_decoder_layers": 8, "d_ff": 1024}),
        (LLAMA, {"positions": Rotary(), "d_head": 64, "n_kv_heads": 4, "max_length": 2048}),
        (SMOL, {"positions": Rotary(100000.0), "d_head": 64, "n_kv_heads": 3}),
        (QWEN2, {"positions": Rotary(1000000.0), "max_length": 4096}),
        (MISTRAL, {"max_length": 1024}),
    ],
    ids=["gpt2", "bert", "roberta", "distilbert", "marian", "t5", "flan-t5", "llama", "smollm", "qwen2", "mistral"],
)
def test_a_well_known_config_is_read_to_its_last_field(values, facts):
    config = read(values)
    assert {name: getattr(config, name) for name in facts} == facts


def test_biases_are_where_each_kind_has_them():
    assert [(one.bias, one.out_bias) for one in (read(v).attention for v in (LLAMA, QWEN2, MISTRAL, T5, GPT2))] == [
        (False, False), (True, False), (False, False), (False, False), (True, True)
    ]  # fmt: skip
    assert read(FLAN).feed_forward.gated
    assert [(one.scale, one.tied) for one in (read(T5).head, read(FLAN, ["lm_head.weight"]).head, read(FLAN).head)] == [
        (True, True), (False, False), (False, True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (GPT2 | {"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        (GPT2 | {"add_cross_attention": True}, "add_cross_attention"),
        (GPT2 | {"activation_function": "swish"}, "activation_function"),
        (BERT | {"position_embedding_type": "relative_key"}, "position_embedding_type"),
        (BERT | {"is_decoder": True}, "is_decoder"),
        (BERT | {"pruned_heads": {"0": [1]}}, "pruned_heads"),
        (MARIAN | {"normalize_before": True}, "normalize_before"),
        (MARIAN | {"decoder_attention_heads": 4}, "decoder_attention_heads"),
        (MARIAN | {"forced_bos_token_id": 7}, "forced_bos_token_id"),
        (MARIAN | {"bad_words_ids": [[65000], [7, 8]]}, "bad_words_ids"),
        (T5 | {"feed_forward_proj": "gated-relu"}, "feed_forward_proj"),
        (LLAMA | {"rope_scaling": LLAMA3}, "rope_type"),
        (LLAMA | {"rope_interleaved": True}, "rope_interleaved"),
        (LLAMA | {"num_local_experts": 8}, "num_local_experts"),
        (QWEN2 | {"layer_types": ["linear_attention"] * 24}, "layer_types"),
        (SMOL | {"partial_rotary_factor": 0.5}, "partial_rotary_factor"),
        (LLAMA | {"logit_scale": 0.0625}, "logit_scale"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_computed_in_another_way_is_refused_by_name(values, field):
    with pytest.raises(ConfigError, match=rf"{field} is .* must be") as caught:
        read(values)
    assert caught.value.fields["field"] == field


def test_a_window_that_only_some_layers_use_limits_the_text():
    kinds = ["full_attention"] * 12 + ["sliding_attention"] * 12
    used = QWEN2 | {"use_sliding_window": True, "sliding_window": 100, "layer_types": kinds}
    assert read(used).max_length == 100
