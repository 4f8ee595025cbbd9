"""Errors of decoding: rules that cannot be, words that cannot be written; as all errors of the core."""

from __future__ import annotations

from transformer_core.glass.errors import GlassformerError


class TemperatureError(GlassformerError):
    """A sampling temperature that is not a finite number above 0."""

    code = "temperature"


class TopKError(GlassformerError):
    """A top-k that keeps no word."""

    code = "top_k"


class TopPError(GlassformerError):
    """A top-p outside (0, 1]."""

    code = "top_p"


class SeedError(GlassformerError):
    """A seed that no generator of random numbers takes."""

    code = "seed"


class BeamWidthError(GlassformerError):
    """A beam search without a single branch."""

    code = "beam_width"


class LengthPenaltyError(GlassformerError):
    """A length penalty that is not a finite number."""

    code = "length_penalty"


class EarlyStopError(GlassformerError):
    """A way to end a beam search that does not exist."""

    code = "early_stop"


class ForcedWordsError(GlassformerError):
    """Words that a model cannot be made to write."""

    code = "forced_words"


class MaxLengthError(GlassformerError):
    """A limit on length that is no number of words."""

    code = "max_length"
