"""What a trace will take is told before a pass, and so is the longest text that has room."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_config, make_model, trace_of
from transformer_core.glass.guards.budget import tokens_within, trace_bytes
from transformer_core.transformer.plans import transformer_plan

LONG = 4096  # positions with which the scores of a tiny model could outgrow the limit


class TestTraceBytes:
    """The estimate that is made before a pass."""

    @pytest.mark.slow
    @settings(max_examples=30, deadline=None)
    @given(
        shape=st.sampled_from(SHAPES),
        options=st.sampled_from([{}, OTHER_OPTIONS]),
        max_length=st.sampled_from([64, LONG]),
        n=st.integers(2, 40),
    )
    def test_no_trace_takes_more_and_hardly_less(self, shape, options, max_length, n):
        config = make_config(**shape, **options, max_length=max_length)
        trace = trace_of(make_model(config, dtype=torch.float32), **ids(config, n))
        most = trace_bytes(trace.plan, {one.name: n for one in trace.plan.word_lists})
        shared = sum(a.nbytes for key, a in trace.items() if key.endswith((".mask", ".pos", ".scores")))
        assert most - shared <= trace.nbytes <= most

    def test_tokens_within(self):
        plan = transformer_plan(make_config())
        lengths = {"source": 12, "target": 12}
        limit = trace_bytes(plan, lengths)
        assert tokens_within(plan, limit) == 12
        assert tokens_within(plan, limit - 1) == 11
        assert tokens_within(plan, 0) == 0


def ids(config, n):
    sides = {"source": config.has_encoder, "target": config.has_decoder}
    return {side: [3 + i % 9 for i in range(n)] for side, there in sides.items() if there}
