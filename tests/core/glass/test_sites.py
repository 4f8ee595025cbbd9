"""The list of every value: names, order, axes and kinds, against lists written out by hand from the design."""

import re

import numpy as np
import pytest

from tests.core.tiny import ARCHITECTURES, NORMS, OTHER_OPTIONS, make_config, make_model, trace_of
from transformer_core.glass import plan
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.sites import all_sites, find_site
from transformer_core.transformer.plans import transformer_plan

POST_NORM = """
src_embed.tokens L      src_embed.lookup LD     src_embed.scaled LD     src_embed.pos LD        src_embed.out LD
encoder.0.input LD
encoder.0.self_attn.q HQE               encoder.0.self_attn.k HKE               encoder.0.self_attn.v HKE
encoder.0.self_attn.scores_raw HQK      encoder.0.self_attn.scores_scaled HQK   encoder.0.self_attn.mask QK
encoder.0.self_attn.scores HQK          encoder.0.self_attn.weights HQK         encoder.0.self_attn.z HQE
encoder.0.self_attn.head_out HQD        encoder.0.self_attn.out QD
encoder.0.add1 LD
encoder.0.ln1.mean L1   encoder.0.ln1.var L1    encoder.0.ln1.normalized LD     encoder.0.ln1.out LD
encoder.0.ffn.pre LF    encoder.0.ffn.act LF    encoder.0.ffn.out LD
encoder.0.add2 LD
encoder.0.ln2.mean L1   encoder.0.ln2.var L1    encoder.0.ln2.normalized LD     encoder.0.ln2.out LD
encoder.0.out LD
encoder.out LD
tgt_embed.tokens L      tgt_embed.lookup LD     tgt_embed.scaled LD     tgt_embed.pos LD        tgt_embed.out LD
decoder.0.input LD
decoder.0.self_attn.q HQE               decoder.0.self_attn.k HKE               decoder.0.self_attn.v HKE
decoder.0.self_attn.scores_raw HQK      decoder.0.self_attn.scores_scaled HQK   decoder.0.self_attn.mask QK
decoder.0.self_attn.scores HQK          decoder.0.self_attn.weights HQK         decoder.0.self_attn.z HQE
decoder.0.self_attn.head_out HQD        decoder.0.self_attn.out QD
decoder.0.add1 LD
decoder.0.ln1.mean L1   decoder.0.ln1.var L1    decoder.0.ln1.normalized LD     decoder.0.ln1.out LD
decoder.0.cross_attn.q HQE              decoder.0.cross_attn.k HKE              decoder.0.cross_attn.v HKE
decoder.0.cross_attn.scores_raw HQK     decoder.0.cross_attn.scores_scaled HQK  decoder.0.cross_attn.mask QK
decoder.0.cross_attn.scores HQK         decoder.0.cross_attn.weights HQK        decoder.0.cross_attn.z HQE
decoder.0.cross_attn.head_out HQD       decoder.0.cross_attn.out QD
decoder.0.add2 LD
decoder.0.ln2.mean L1   decoder.0.ln2.var L1    decoder.0.ln2.normalized LD     decoder.0.ln2.out LD
decoder.0.ffn.pre LF    decoder.0.ffn.act LF    decoder.0.ffn.out LD
decoder.0.add3 LD
decoder.0.ln3.mean L1   decoder.0.ln3.var L1    decoder.0.ln3.normalized LD     decoder.0.ln3.out LD
decoder.0.out LD
decoder.out LD
head.logits LV          head.probs LV
"""

PRE_NORM_BLOCKS = """
src_embed
encoder.0.input encoder.0.ln1 encoder.0.self_attn encoder.0.add1
encoder.0.ln2 encoder.0.ffn encoder.0.add2 encoder.0.out encoder.norm encoder.out
tgt_embed
decoder.0.input decoder.0.ln1 decoder.0.self_attn decoder.0.add1
decoder.0.ln2 decoder.0.cross_attn decoder.0.add2
decoder.0.ln3 decoder.0.ffn decoder.0.add3 decoder.0.out decoder.norm decoder.out
head
"""

DECODER_ONLY_BLOCKS = """
tgt_embed
decoder.0.input decoder.0.self_attn decoder.0.add1 decoder.0.ln1
decoder.0.ffn decoder.0.add2 decoder.0.ln2 decoder.0.out decoder.out
head
"""

ENCODER_ONLY_BLOCKS = """
src_embed
encoder.0.input encoder.0.self_attn encoder.0.add1 encoder.0.ln1
encoder.0.ffn encoder.0.add2 encoder.0.ln2 encoder.0.out encoder.out
head
"""


def one_layer(architecture="encoder-decoder", **changes):
    layers = {"n_encoder_layers": 1} if architecture != "decoder-only" else {}
    layers |= {"n_decoder_layers": 1} if architecture != "encoder-only" else {}
    return make_config(architecture, **layers, **changes)


def blocks_of(config):
    """The sites without the last word of those that lie inside a block, each block once, in order."""
    inside = re.compile(r"\.?(embed|self_attn|cross_attn|ffn|ln\d|norm|head)\.\w+$")
    return list(
        dict.fromkeys(
            inside.sub(lambda m: m[0].rpartition(".")[0], site.key) for site in all_sites(transformer_plan(config))
        )
    )


def test_the_post_norm_translation_model_has_exactly_the_designed_sites_in_order():
    listed = [f"{site.key} {site.axes}" for site in all_sites(transformer_plan(one_layer()))]
    assert listed == re.split(r"\s{2,}|\n", POST_NORM.strip())


@pytest.mark.parametrize(
    ("config", "blocks"),
    [
        (one_layer(norm_position="pre"), PRE_NORM_BLOCKS),
        (one_layer("decoder-only"), DECODER_ONLY_BLOCKS),
        (one_layer("encoder-only"), ENCODER_ONLY_BLOCKS),
    ],
    ids=["pre-norm", "decoder-only", "encoder-only"],
)
def test_the_other_shapes_list_their_blocks_in_the_order_of_computation(config, blocks):
    assert blocks_of(config) == blocks.split()


def test_pre_norm_has_the_sites_of_post_norm_and_one_norm_per_stack():
    """Choosing where the norm stands moves values but removes none."""
    post, pre = (
        {site.key for site in all_sites(transformer_plan(make_config(norm_position=n)))} for n in ("post", "pre")
    )
    parts = ("mean", "var", "normalized", "out")
    assert pre - post == {f"{stack}.norm.{part}" for stack in ("encoder", "decoder") for part in parts}
    assert post <= pre


def test_layers_are_listed_by_their_number_one_after_the_other():
    keys = [site.key for site in all_sites(transformer_plan(make_config(n_encoder_layers=3, n_decoder_layers=2)))]
    assert [key for key in keys if re.fullmatch(r"\w+\.\d+\.input", key)] == [
        "encoder.0.input",
        "encoder.1.input",
        "encoder.2.input",
        "decoder.0.input",
        "decoder.1.input",
    ]


def test_a_masked_language_head_lists_its_transform_first():
    keys = [site.key for site in all_sites(transformer_plan(make_config("encoder-only", head_transform=True)))]
    assert keys[-8:] == [
        "head.dense",
        "head.act",
        "head.ln.mean",
        "head.ln.var",
        "head.ln.normalized",
        "head.ln.out",
        "head.logits",
        "head.probs",
    ]


def test_a_model_that_does_not_scale_its_embeddings_lists_no_scaled_site():
    scaled = {site.key for site in all_sites(transformer_plan(make_config()))} - {
        site.key for site in all_sites(transformer_plan(make_config(scale_embedding=False)))
    }
    assert scaled == {"src_embed.scaled", "tgt_embed.scaled"}


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_keys_are_unique_and_axes_come_from_the_glossary(architecture, norm):
    listed = all_sites(transformer_plan(make_config(architecture, norm_position=norm, **OTHER_OPTIONS)))
    glossary = set(re.findall(r"(?:^|\s)([A-Z1])  [a-z]", plan.__doc__))
    assert glossary == set("BLQKHGDEFVSNJMR1")
    assert len({site.key for site in listed}) == len(listed)
    assert {letter for site in listed for letter in site.axes} <= glossary - {"B"}


@pytest.mark.parametrize(
    ("key", "sides"),
    [
        ("encoder.1.self_attn.weights", (None, "source", "source")),
        ("decoder.1.self_attn.weights", (None, "target", "target")),
        ("decoder.1.cross_attn.weights", (None, "target", "source")),
        ("decoder.1.cross_attn.q", (None, "target", None)),
        ("decoder.1.cross_attn.k", (None, "source", None)),
        ("decoder.1.cross_attn.v", (None, "source", None)),
        ("decoder.1.cross_attn.mask", ("target", "source")),
        ("decoder.1.cross_attn.head_out", (None, "target", None)),
        ("encoder.out", ("source", None)),
        ("decoder.1.ln2.mean", ("target", None)),
        ("src_embed.tokens", ("source",)),
        ("head.logits", ("target", None)),
    ],
)
def test_each_axis_names_the_side_whose_words_label_it(key, sides):
    assert find_site(transformer_plan(make_config()), key).sides == sides


def test_an_encoder_only_head_writes_at_the_source_positions():
    assert find_site(transformer_plan(make_config("encoder-only")), "head.probs").sides == ("source", None)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_value_is_of_the_kind_it_is_drawn_as(architecture):
    """The kind decides colours and ranges, so the numbers must obey it."""
    trace = trace_of(make_model(make_config(architecture)))
    for site in all_sites(trace.plan):
        value = trace[site.key]
        if site.kind == "ids":
            assert value.dtype == np.int64, site.key
        elif site.kind == "mask":
            assert value.dtype == np.bool_, site.key
        elif site.kind in ("weights", "probabilities"):
            assert value.min() >= 0, site.key
            np.testing.assert_allclose(value.sum(-1), 1, rtol=0, atol=1e-12, err_msg=site.key)
        elif site.kind == "variance":
            assert value.min() > 0, site.key
        elif site.kind == "scores":
            assert np.isfinite(value).all() or site.key.endswith("self_attn.scores"), site.key
        else:
            assert site.kind in ("signed", "logits"), site.key
            assert np.isfinite(value).all(), site.key


def test_derived_are_the_head_outputs_and_the_probabilities_only():
    derived = {site.key for site in all_sites(transformer_plan(make_config())) if site.derived}
    assert derived == {
        site.key for site in all_sites(transformer_plan(make_config())) if site.key.endswith(("head_out", "probs"))
    }


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("decoder.1.cross_attn.weigths", "decoder.1.cross_attn.weights"),
        ("encoder.7.self_attn.q", "encoder.0.self_attn.q"),
        ("head.logit", "head.logits"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest_that_exist(asked, nearest):
    with pytest.raises(UnknownSiteError, match=re.escape(nearest)) as caught:
        find_site(transformer_plan(make_config()), asked)
    assert repr(asked) in str(caught.value)
    assert nearest in caught.value.fields["nearest"]
    assert caught.value.code == "unknown_site"


def test_a_key_unlike_any_other_still_gets_examples():
    with pytest.raises(UnknownSiteError, match=r"src_embed\.tokens"):
        find_site(transformer_plan(make_config()), "猫")
