"""A head built by hand that looks at the previous token: what each edit does to it is known beforehand."""

import numpy as np
import pytest
import torch

from tests.core.edits.test_editing import CLOSE, edited
from tests.core.tiny import SOURCE_IDS, make_config, make_model


class TestPreviousTokenHead:
    """A head built by hand: positions are one-hot, and each query asks for the position before its own."""

    N = 8

    @pytest.fixture
    def model(self):
        config = make_config(
            "encoder-only",
            d_model=self.N,
            n_heads=1,
            max_length=self.N,
            positions="learned",
            scale_embedding=False,
            n_encoder_layers=1,
        )
        model = make_model(config)
        block = model.encoder.layers[0].self_attn
        with torch.no_grad():
            model.src_embed.W_E.zero_()
            model.src_embed.W_pos.copy_(torch.eye(self.N))
            block.W_Q.copy_(300 * torch.eye(self.N).roll(-1, dims=1))  # the row of p asks for p - 1
            block.W_K.copy_(torch.eye(self.N))
            block.b_Q.zero_()
            block.b_K.zero_()
        return model

    def weights(self, model, text):
        return edited(text, model, SOURCE_IDS)["encoder.0.self_attn.weights"][0]

    def test_it_looks_at_the_previous_token(self, model):
        np.testing.assert_allclose(self.weights(model, "")[1:, :-1], np.eye(4), **CLOSE)

    def test_attention_set_to_what_it_does_anyway_changes_nothing_that_can_be_seen(self, model):
        plain = edited("", model)["encoder.out"]
        np.testing.assert_allclose(edited("attend:encoder.0.self_attn:0:3:2", model)["encoder.out"], plain, **CLOSE)
        assert not np.allclose(edited("attend:encoder.0.self_attn:0:3:1", model)["encoder.out"], plain, **CLOSE)

    def test_what_it_looks_for_is_gone(self, model):
        np.testing.assert_allclose(self.weights(model, "drop:source:2")[3], [0.25, 0.25, 0, 0.25, 0.25], **CLOSE)
        np.testing.assert_allclose(self.weights(model, "mask:encoder.0.self_attn:window:0"), np.eye(5), **CLOSE)

    def test_a_high_temperature_makes_it_flat(self, model):
        flat = self.weights(model, "temperature:encoder.0.self_attn:0:1000")[1:]
        assert flat.max() < 0.25
        np.testing.assert_allclose(
            self.weights(model, "temperature:encoder.0.self_attn:0:0.1")[1:, :-1], np.eye(4), **CLOSE
        )
