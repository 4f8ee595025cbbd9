"""The logit lens: what the head says of a layer is what the model would say if that layer were its last."""

import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_model, shape_name, trace_of
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.trace import Trace
from transformer_core.models.files import bundled_models, load_model
from transformer_core.studies.logit_lens import lens_keys, read_early

SENTENCES = {"zh": ("我今天没有看书。", "猫" * 63), "en": ("She bought a new book and a new car.", "cat " * 60)}
SENTENCES |= {"st": ("Lily found a shiny key in the garden.",), "wo": ("Birds can [MASK], but fish cannot.",)}
WITH_OPTIONS = [{**shape, **options} for shape in SHAPES for options in ({}, OTHER_OPTIONS)]
NAMES = [f"{shape_name(shape)}{'' if options is None else '-options'}" for shape in SHAPES for options in (None, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("options", WITH_OPTIONS, ids=NAMES)
class TestTiny:
    def test_the_last_layer_says_what_the_model_says(self, options):
        trace = trace_of(make_model(**options))
        assert_allclose(read_early(trace, lens_keys(trace.plan)[-1]), trace["head.probs"], rtol=1e-10)

    def test_every_layer_is_read_by_the_models_own_head(self, options):
        """Against the modules: the stack's last norm, where there is one, and the head."""
        model = make_model(**options)
        trace = trace_of(model)
        stack = model.decoder if model.config.has_decoder else model.encoder
        for key in lens_keys(model.plan):
            x = torch.tensor(trace[key])[None]
            with torch.inference_mode():
                wanted = model.head(stack.norm(x) if stack.pre_norm else x).softmax(dim=-1)[0]
            assert_allclose(read_early(trace, key), wanted.numpy(), rtol=1e-10, err_msg=key)
            assert_allclose(read_early(trace, key).sum(axis=-1), 1, rtol=1e-12)


@pytest.mark.parametrize("name", bundled_models())
def test_a_trained_models_last_layer_says_what_it_says(name):
    glass = load_model(name)
    for sentence in SENTENCES[name[:2]]:
        trace = glass.trace(sentence)
        read = read_early(trace, lens_keys(trace.plan)[-1])
        # A logit near 30 is rounded by a few 1e-6, and e to that is a share of the probability.
        assert_allclose(read, trace["head.probs"], rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(
    ("architecture", "keys"),
    [
        ("encoder-decoder", ("tgt_embed.out", "decoder.0.out", "decoder.1.out")),
        ("decoder-only", ("tgt_embed.out", "decoder.0.out", "decoder.1.out")),
        ("encoder-only", ("src_embed.out", "encoder.0.out", "encoder.1.out")),
    ],
)
def test_the_lens_looks_at_the_stack_that_the_head_reads(architecture, keys):
    assert lens_keys(make_model(architecture=architecture).plan) == keys


def test_any_value_of_the_stream_can_be_read():
    trace = trace_of(make_model())
    assert read_early(trace, "decoder.0.ln2.out").shape == trace["head.probs"].shape


def test_a_saved_trace_is_enough(tmp_path):
    trace = trace_of(make_model(norm_position="pre"))
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    assert_array_equal(read_early(loaded, "decoder.0.out"), read_early(trace, "decoder.0.out"))


def test_a_value_that_is_not_there_is_refused():
    with pytest.raises(UnknownSiteError, match=r"decoder\.7\.out"):
        read_early(trace_of(make_model()), "decoder.7.out")


def test_the_trace_stays_as_it_was():
    trace = trace_of(make_model())
    before = trace["head.probs"].copy()
    read_early(trace, "decoder.0.out")
    assert_array_equal(trace["head.probs"], before)
