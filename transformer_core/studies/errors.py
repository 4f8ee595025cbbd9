"""Errors of studies: measures, alignments and pairs of sentences that cannot be; as all errors of the core."""

from __future__ import annotations

from transformer_core.glass.errors import GlassformerError


class PairLengthError(GlassformerError):
    """Two sentences of different length, where each position of one needs its place in the other."""

    code = "pair_length"


class PairSameError(GlassformerError):
    """Two sentences that do not differ."""

    code = "pair_same"


class SameOutputError(GlassformerError):
    """Two sentences for which a model writes the same, so that there is no difference to look for."""

    code = "same_output"


class UnknownMeasureError(GlassformerError, KeyError):
    """A name that is not a measure of attention heads."""

    code = "unknown_measure"


class HeadQueryError(GlassformerError):
    """Bounds between which no measure of a head can lie."""

    code = "head_query"


class AlignmentError(GlassformerError):
    """A word alignment that cannot be read, or that names words that the sentence does not have."""

    code = "alignment"
