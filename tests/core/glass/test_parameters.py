"""The list of parameters against the model's own."""

import re

import pytest
from hypothesis import given

from tests.core.explained import configs
from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_config, shape_name
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.sites import all_parameters, all_sites, find_parameter, parameters_by_name
from transformer_core.transformer.model import Transformer
from transformer_core.transformer.plans import transformer_plan


def check(config):
    """The listed names are the model's, and their letters are its shapes."""
    named = {name: tuple(p.shape) for name, p in Transformer(config).parameters_by_name().items()}
    listed = {parameter.name: parameter for parameter in all_parameters(transformer_plan(config))}
    assert set(listed) == set(named)
    assert len(listed) == len(all_parameters(transformer_plan(config)))
    for name, shape in named.items():
        vocab = config.source_vocab_size if name.startswith("src_embed") else config.vocab_size
        sizes = {"D": config.d_model, "F": config.d_ff, "V": vocab, "H": config.n_heads}
        sizes |= {"L": config.max_length + getattr(config.positions, "offset", 0), "S": config.embedding.segments}
        sizes |= {"N": getattr(config.positions, "buckets", 0), "J": config.n_heads * config.d_head}
        sizes |= {"M": config.n_kv_heads * config.d_head}
        assert tuple(sizes[axis] for axis in listed[name].axes) == shape, name
        assert listed[name].kind == "signed"


@pytest.mark.slow
@given(configs())
def test_names_and_shapes_are_those_of_random_models(config):
    check(config)


@pytest.mark.parametrize("options", [{}, OTHER_OPTIONS], ids=["default", "others"])
@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_names_and_shapes_are_those_of_a_model_with_prime_sizes(shape, options):
    check(make_config(**shape, **options))


def test_a_parameter_is_found_by_its_name():
    parameter = find_parameter(transformer_plan(make_config()), "decoder.1.ffn.W_2")
    assert (parameter.name, parameter.axes) == ("decoder.1.ffn.W_2", "FD")


def test_an_unknown_name_is_answered_with_the_nearest():
    message = re.escape("'decoder.1.ffn.W_3' is not a parameter of this encoder-decoder model")
    with pytest.raises(UnknownSiteError, match=message) as caught:
        find_parameter(transformer_plan(make_config()), "decoder.1.ffn.W_3")
    assert "decoder.1.ffn.W_2" in caught.value.fields["nearest"]


def test_no_site_is_taken_for_a_parameter():
    plan = transformer_plan(make_config(norm_position="pre", head_transform=True))
    known = parameters_by_name(plan)
    assert not any(site.key in known for site in all_sites(plan))
    assert all(parameter.name in known for parameter in all_parameters(plan))
