"""The table of formulas: one per site, made of what the design says, in order; and what it answers about them."""

import re

import pytest
from hypothesis import given

from tests.core.explained import configs
from tests.core.tiny import NORMS, OTHER_OPTIONS, SHAPES, make_config, make_model, shape_name, trace_of
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.formulas import all_formulas, difference, find_formula, provenance
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.transformer.plans import transformer_plan

# The key, the kind, and what it is made of; "<" stands for the block's own path.
DECODER_LAYER = {
    "post": """
input input: tgt_embed.out
self_attn.q q: <.input <.self_attn.W_Q <.self_attn.b_Q
self_attn.k k: <.input <.self_attn.W_K <.self_attn.b_K
self_attn.v v: <.input <.self_attn.W_V <.self_attn.b_V
self_attn.scores_raw scores_raw: <.self_attn.q <.self_attn.k
self_attn.scores_scaled scores_scaled: <.self_attn.scores_raw
self_attn.mask mask_causal:
self_attn.scores scores: <.self_attn.scores_scaled <.self_attn.mask
self_attn.weights weights: <.self_attn.scores
self_attn.z z: <.self_attn.weights <.self_attn.v
self_attn.head_out head_out: <.self_attn.z <.self_attn.W_O
self_attn.out attn_out: <.self_attn.head_out <.self_attn.b_O
add1 add: <.input <.self_attn.out
ln1.mean mean: <.add1
ln1.var var: <.add1 <.ln1.mean
ln1.normalized normalized: <.add1 <.ln1.mean <.ln1.var
ln1.out ln_out: <.ln1.normalized <.ln1.gamma <.ln1.beta
cross_attn.q q: <.ln1.out <.cross_attn.W_Q <.cross_attn.b_Q
cross_attn.k k: encoder.out <.cross_attn.W_K <.cross_attn.b_K
cross_attn.v v: encoder.out <.cross_attn.W_V <.cross_attn.b_V
cross_attn.mask mask_padding: src_embed.tokens
add2 add: <.ln1.out <.cross_attn.out
ln2.mean mean: <.add2
ffn.pre ffn_pre: <.ln2.out <.ffn.W_1 <.ffn.b_1
ffn.act relu: <.ffn.pre
ffn.out ffn_out: <.ffn.act <.ffn.W_2 <.ffn.b_2
add3 add: <.ln2.out <.ffn.out
ln3.mean mean: <.add3
out layer_out: <.ln3.out
""",
    "pre": """
input input: tgt_embed.out
ln1.mean mean: <.input
self_attn.q q: <.ln1.out <.self_attn.W_Q <.self_attn.b_Q
self_attn.k k: <.ln1.out <.self_attn.W_K <.self_attn.b_K
add1 add: <.input <.self_attn.out
ln2.mean mean: <.add1
cross_attn.q q: <.ln2.out <.cross_attn.W_Q <.cross_attn.b_Q
cross_attn.k k: encoder.out <.cross_attn.W_K <.cross_attn.b_K
add2 add: <.add1 <.cross_attn.out
ln3.var var: <.add2 <.ln3.mean
ffn.pre ffn_pre: <.ln3.out <.ffn.W_1 <.ffn.b_1
add3 add: <.add2 <.ffn.out
out layer_out: <.add3
""",
}

ENDS = [
    ({}, "src_embed.tokens", "tokens", ""),
    ({}, "src_embed.lookup", "lookup", "src_embed.tokens src_embed.W_E"),
    ({}, "src_embed.scaled", "scaled", "src_embed.lookup"),
    ({}, "src_embed.pos", "pos_sinusoidal", ""),
    ({"positions": "learned"}, "src_embed.pos", "pos_learned", "src_embed.W_pos"),
    ({}, "src_embed.out", "embed_out", "src_embed.scaled src_embed.pos"),
    ({"scale_embedding": False}, "src_embed.out", "embed_out", "src_embed.lookup src_embed.pos"),
    ({}, "encoder.0.self_attn.mask", "mask_padding", "src_embed.tokens"),
    ({}, "encoder.1.input", "input", "encoder.0.out"),
    ({}, "encoder.out", "stack_out", "encoder.1.out"),
    ({"norm_position": "pre"}, "encoder.norm.mean", "mean", "encoder.1.out"),
    ({"norm_position": "pre"}, "encoder.out", "stack_out", "encoder.norm.out"),
    ({"activation": "gelu"}, "encoder.0.ffn.act", "gelu", "encoder.0.ffn.pre"),
    ({}, "head.logits", "logits", "decoder.out head.W"),
    ({"output_bias": True}, "head.logits", "logits", "decoder.out head.W head.b"),
    ({"architecture": "encoder-only"}, "head.logits", "logits", "encoder.out head.W"),
    ({"head_transform": True}, "head.dense", "dense", "decoder.out head.W_dense head.b_dense"),
    ({"head_transform": True, "activation": "gelu_tanh"}, "head.act", "gelu_tanh", "head.dense"),
    ({"head_transform": True}, "head.ln.mean", "mean", "head.act"),
    ({"head_transform": True}, "head.logits", "logits", "head.ln.out head.W"),
    ({"attention_bias": False}, "encoder.0.self_attn.q", "q", "encoder.0.input encoder.0.self_attn.W_Q"),
    ({"attention_bias": False}, "encoder.0.self_attn.out", "attn_sum", "encoder.0.self_attn.head_out"),
    ({"feed_forward_bias": False}, "encoder.0.ffn.out", "ffn_out", "encoder.0.ffn.act encoder.0.ffn.W_2"),
    ({}, "head.probs", "probs", "head.logits"),
]


class TestTable:
    @given(configs())
    def test_there_is_one_formula_for_each_site_in_their_order(self, config):
        formulas = all_formulas(transformer_plan(config))
        assert list(formulas) == [site.key for site in all_sites(transformer_plan(config))]
        assert [formula.key for formula in formulas.values()] == list(formulas)

    @given(configs())
    def test_every_site_is_made_of_earlier_ones(self, config):
        earlier: set[str] = set()
        for key, formula in all_formulas(transformer_plan(config)).items():
            assert set(formula.sites) <= earlier, key
            earlier.add(key)

    @pytest.mark.slow
    @given(configs())
    def test_every_parameter_is_used_in_the_order_in_which_they_are_listed(self, config):
        used = dict.fromkeys(
            name for formula in all_formulas(transformer_plan(config)).values() for name in formula.parameters
        )
        assert list(used) == [parameter.name for parameter in all_parameters(transformer_plan(config))]

    @pytest.mark.parametrize("norm", NORMS)
    def test_a_decoder_layer_is_wired_as_designed(self, norm):
        config = make_config(norm_position=norm)
        for line in DECODER_LAYER[norm].strip().split("\n"):
            made, names = line.split(":")
            key, kind = made.split()
            formula = find_formula(transformer_plan(config), f"decoder.0.{key}")
            assert formula.kind == kind, line
            assert [*formula.sites, *formula.parameters] == names.replace("<", "decoder.0").split(), line

    @pytest.mark.parametrize(("options", "key", "kind", "names"), ENDS)
    def test_the_ends_and_the_options_are_wired_as_designed(self, options, key, kind, names):
        formula = find_formula(transformer_plan(make_config(**options)), key)
        assert formula.kind == kind
        assert [*formula.sites, *formula.parameters] == names.split()

    def test_a_decoder_only_model_has_only_causal_masks(self):
        formulas = all_formulas(transformer_plan(make_config("decoder-only"))).values()
        assert {formula.kind for formula in formulas if "mask" in formula.kind} == {"mask_causal"}

    @pytest.mark.parametrize("options", [{}, OTHER_OPTIONS], ids=["default", "others"])
    def test_the_formulas_are_well_formed(self, options):
        for formula in all_formulas(transformer_plan(make_config(**options))).values():
            assert formula.latex.count("{") == formula.latex.count("}"), formula.key
            assert formula.latex.count(r"\left") == formula.latex.count(r"\right"), formula.key
            assert ("+ b" in formula.latex or "+ (b" in formula.latex) == any(
                name.rpartition(".")[2].startswith("b_") or name == "head.b" for name in formula.parameters
            )

    def test_the_table_is_made_once_for_equal_configs(self):
        assert all_formulas(transformer_plan(make_config())) is all_formulas(transformer_plan(make_config()))

    def test_an_unknown_key_is_answered_with_the_nearest(self):
        trace = trace_of(make_model())
        message = re.escape("'decoder.1.cross_attn.weigths' is not a site")
        for ask in (find_formula, provenance):
            with pytest.raises(UnknownSiteError, match=message) as caught:
                ask(trace.plan, "decoder.1.cross_attn.weigths")
            assert "decoder.1.cross_attn.weights" in caught.value.fields["nearest"]
        with pytest.raises(UnknownSiteError, match=message):
            difference(trace, "decoder.1.cross_attn.weigths")


class TestProvenance:
    @pytest.mark.slow
    @given(configs())
    def test_it_leads_back_to_the_ids_and_never_forward(self, config):
        keys = [site.key for site in all_sites(transformer_plan(config))]
        assert {key for key in keys if key.endswith("tokens")} <= set(provenance(transformer_plan(config), keys[-1]))
        for number, key in enumerate(keys):
            found = provenance(transformer_plan(config), key)
            assert set(found) <= set(keys[:number]), key
            assert len(set(found)) == len(found), key

    @pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
    def test_the_last_site_follows_from_all_others(self, shape):
        config = make_config(**shape)
        keys = [site.key for site in all_sites(transformer_plan(config))]
        assert set(provenance(transformer_plan(config), "head.probs")) == set(keys[:-1])

    def test_what_is_nearer_comes_first(self):
        assert provenance(transformer_plan(make_config()), "encoder.0.self_attn.scores") == (
            "encoder.0.self_attn.scores_scaled",
            "encoder.0.self_attn.mask",
            "encoder.0.self_attn.scores_raw",
            "src_embed.tokens",
            "encoder.0.self_attn.q",
            "encoder.0.self_attn.k",
            "encoder.0.input",
            "src_embed.out",
            "src_embed.scaled",
            "src_embed.pos",
            "src_embed.lookup",
        )

    def test_the_ids_follow_from_nothing(self):
        assert provenance(transformer_plan(make_config()), "src_embed.tokens") == ()

    def test_the_encoder_does_not_follow_from_the_target(self):
        assert not any(
            key.startswith(("tgt", "decoder")) for key in provenance(transformer_plan(make_config()), "encoder.out")
        )
