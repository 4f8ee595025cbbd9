"""What the lessons say about the values, held for every layer of every architecture."""

import numpy as np
import pytest

from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_config, make_model, shape_name, trace_of

same = {"rtol": 1e-12, "atol": 1e-12}  # scores and variances reach 100


# Every shape is quick with one of the two sets of options, in turn; a trace is read-only, so the tests share it.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param((shape, options), marks=() if i % 2 == bool(options) else pytest.mark.slow)
        for i, shape in enumerate(SHAPES)
        for options in ({}, OTHER_OPTIONS)
    ],
    ids=lambda p: shape_name(p[0]) + ("-others" if p[1] else ""),
)
def config(request):
    """Each architecture and norm position, with the default and the other options."""
    shape, options = request.param
    return make_config(**shape, **options)


@pytest.fixture(scope="module")
def trace(config):
    """A trace of one sentence."""
    return trace_of(make_model(config))


def blocks(trace, *ends):
    """The paths of the blocks that have a value named `ends`."""
    found = [key.rpartition(".")[0] for key in trace if key.endswith(ends)]
    assert found
    return found


def test_each_querys_weights_sum_to_one_and_none_is_negative(trace):
    for block in blocks(trace, ".weights"):
        weights = trace[f"{block}.weights"]
        np.testing.assert_allclose(weights.sum(axis=-1), 1, **same, err_msg=block)
        assert weights.min() >= 0


def test_a_decoder_gives_the_future_exactly_no_weight_and_an_encoder_some(trace):
    for block in blocks(trace, "self_attn.weights"):
        weights = trace[f"{block}.weights"]
        future = np.triu(np.ones(weights.shape[1:], dtype=bool), 1)
        if block.startswith("decoder"):
            assert (weights[:, future] == 0).all(), block
            assert (weights[:, ~future] > 0).all(), block
        else:
            assert (weights > 0).all(), block


def test_the_mask_says_which_scores_are_blocked(trace):
    for block in blocks(trace, ".mask"):
        mask, scores = trace[f"{block}.mask"], trace[f"{block}.scores"]
        for head in range(3):
            np.testing.assert_array_equal(scores[head] == -np.inf, ~mask, err_msg=block)
            np.testing.assert_array_equal(scores[head][mask], trace[f"{block}.scores_scaled"][head][mask])


def test_scores_are_dot_products_divided_by_the_root_of_d_head(trace):
    for block in blocks(trace, ".scores_raw"):
        raw = np.einsum("hqe,hke->hqk", trace[f"{block}.q"], trace[f"{block}.k"])
        np.testing.assert_allclose(trace[f"{block}.scores_raw"], raw, **same, err_msg=block)
        np.testing.assert_allclose(trace[f"{block}.scores_scaled"], raw / 2.0, **same, err_msg=block)


def test_z_is_the_weighted_sum_of_the_values(trace):
    for block in blocks(trace, ".z"):
        z = np.einsum("hqk,hke->hqe", trace[f"{block}.weights"], trace[f"{block}.v"])
        np.testing.assert_allclose(trace[f"{block}.z"], z, **same, err_msg=block)


def test_each_add_is_what_went_in_and_what_the_sublayer_added(trace, config):
    """In pre-norm the sum goes round the LayerNorm; in post-norm the LayerNorm's output goes on."""
    pre = config.order == "pre"
    for layer in blocks(trace, ".add1"):
        sublayers = [name for name in ("self_attn", "cross_attn", "ffn") if f"{layer}.{name}.out" in trace]
        x = trace[f"{layer}.input"]
        for n, sublayer in enumerate(sublayers, start=1):
            total = trace[f"{layer}.add{n}"]
            np.testing.assert_allclose(total, x + trace[f"{layer}.{sublayer}.out"], **same, err_msg=f"{layer} {n}")
            x = total if pre else trace[f"{layer}.ln{n}.out"]
        np.testing.assert_array_equal(trace[f"{layer}.out"], x)


def test_normalised_rows_have_mean_0_and_variance_var_over_var_plus_eps(trace, config):
    eps = config.norm.eps
    for norm in blocks(trace, ".normalized"):
        normalized, var = trace[f"{norm}.normalized"], trace[f"{norm}.var"]
        np.testing.assert_allclose(normalized.mean(axis=-1), 0, **same, err_msg=norm)
        np.testing.assert_allclose(normalized.var(axis=-1, keepdims=True), var / (var + eps), **same, err_msg=norm)


def test_a_norms_output_is_scaled_by_gamma_and_shifted_by_beta(trace):
    for norm in blocks(trace, ".normalized"):
        gamma, beta = trace.parameters[f"{norm}.gamma"], trace.parameters[f"{norm}.beta"]
        np.testing.assert_allclose(trace[f"{norm}.out"], gamma * trace[f"{norm}.normalized"] + beta, **same)


def test_mean_and_variance_are_those_of_the_row_before_with_the_biased_variance(trace, config):
    post = config.order == "post"
    for layer in blocks(trace, ".add1"):
        x = trace[f"{layer}.add1" if post else f"{layer}.input"]
        np.testing.assert_allclose(trace[f"{layer}.ln1.mean"], x.mean(axis=-1, keepdims=True), **same)
        np.testing.assert_allclose(trace[f"{layer}.ln1.var"], x.var(axis=-1, keepdims=True, ddof=0), **same)


def test_the_embedding_is_looked_up_scaled_and_placed(trace, config):
    for embed in blocks(trace, ".lookup"):
        table, ids = trace.parameters[f"{embed}.W_E"], trace[f"{embed}.tokens"]
        x = table[ids]
        np.testing.assert_array_equal(trace[f"{embed}.lookup"], x)
        if config.embedding.scale:
            x = x * np.sqrt(12)
            np.testing.assert_allclose(trace[f"{embed}.scaled"], x, **same)
        np.testing.assert_allclose(trace[f"{embed}.out"], x + trace[f"{embed}.pos"], **same)


def test_a_position_is_the_same_whatever_word_stands_there(trace, config):
    embed = blocks(trace, ".pos")[0]
    other = trace_of(make_model(config), source=[4] * 5, target=[1] * 7)
    np.testing.assert_array_equal(trace[f"{embed}.pos"], other[f"{embed}.pos"])
    assert len(np.unique(trace[f"{embed}.pos"].round(9), axis=0)) == len(trace[f"{embed}.tokens"])


def test_sine_and_cosine_alternate():
    pos = trace_of(make_model())["tgt_embed.pos"]
    np.testing.assert_array_equal(pos[0], [0, 1] * 6)
    np.testing.assert_allclose(pos[3, :2], [np.sin(3), np.cos(3)], **same)
    np.testing.assert_allclose(pos[5, 10:], [np.sin(5 / 10000 ** (10 / 12)), np.cos(5 / 10000 ** (10 / 12))], **same)


def test_relu_leaves_no_negative_value_and_passes_the_others():
    trace = trace_of(make_model())
    pre, act = trace["encoder.0.ffn.pre"], trace["encoder.0.ffn.act"]
    assert pre.min() < 0
    np.testing.assert_array_equal(act, np.maximum(pre, 0))


def test_cross_attention_reads_the_encoders_output_and_asks_with_the_decoder():
    """Keys and values are made of `encoder.out`, queries of what the decoder holds."""
    for norm in ("post", "pre"):
        trace = trace_of(make_model(norm_position=norm))
        for i in range(2):
            block, asking = f"decoder.{i}.cross_attn", f"decoder.{i}.ln{1 if norm == 'post' else 2}.out"
            for name, source in (("q", asking), ("k", "encoder.out"), ("v", "encoder.out")):
                W, b = (trace.parameters[f"{block}.{kind}_{name.upper()}"] for kind in "Wb")
                heads = (trace[source] @ W + b).reshape(-1, 3, 4).swapaxes(0, 1)
                np.testing.assert_allclose(trace[f"{block}.{name}"], heads, **same, err_msg=f"{norm} {block}.{name}")
