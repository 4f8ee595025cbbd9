"""The multiply-adds of a decoding step, against counts by hand and against the products that really run."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.core.tiny import SOURCE, SOURCE_IDS, D, F, S, T, V, make_config, make_model
from transformer_core.decoding.cost import decoder_cost, step_costs
from transformer_core.decoding.decode import decode


def test_a_step_counted_by_hand():
    config = make_config(d_model=2, n_heads=1, d_ff=3, n_decoder_layers=1, target_vocab_size=5)
    # One row behind two others, four source words: W_Q W_K W_V W_O 16, q k and weights v 3 * 2 * 2, W_Q W_O 8,
    # both products with the source 4 * 2 * 2, feed-forward 2 * 3 * 2, head 2 * 5.
    assert step_costs(config, reused=2, length=3, source=4)[0] == 16 + 12 + 8 + 16 + 12 + 10
    # Without a cache three rows, and W_K W_V of the four source words: 4 * 8.
    assert step_costs(config, reused=2, length=3, source=4)[1] == 3 * (16 + 12 + 8 + 16 + 12) + 32 + 10


def test_the_first_step_costs_the_same():
    cached, uncached = step_costs(make_config(), reused=0, length=1, source=S)
    assert cached == uncached


def test_without_an_encoder_there_is_nothing_to_read():
    layer = 4 * D * D + 2 * 2 * D + 2 * D * F
    assert decoder_cost(make_config("decoder-only"), rows=1, keys=2, said=1) == 2 * layer + D * V


def test_the_count_is_that_of_the_products_that_run():
    model = make_model(dtype=torch.float32)
    prefix = [5, 12, 3, 7, 5, 4, 6][: T - 1]
    with FlopCounterMode(display=False) as encoder:
        model.encode(SOURCE[:1])
    with FlopCounterMode(display=False) as whole:
        record = decode(model, SOURCE[:1], prefixes=[prefix], max_length=len(prefix))[0]
    length = record.held[0][1]
    cached, _ = step_costs(model.config, reused=0, length=length, source=len(SOURCE_IDS))
    assert whole.get_total_flops() - encoder.get_total_flops() == 2 * cached
