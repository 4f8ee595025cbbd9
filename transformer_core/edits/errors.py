"""Errors of edits; each has a code and fields, as all errors of the core."""

from __future__ import annotations

from transformer_core.glass.errors import GlassformerError


class EditTextError(GlassformerError):
    """A text that is no edit."""

    code = "edit_text"


class EditBlockError(GlassformerError):
    """An edit of an attention block that the model lacks."""

    code = "edit_block"


class EditHeadError(GlassformerError):
    """An edit of a head that the model lacks, or of none."""

    code = "edit_head"


class EditSiteError(GlassformerError):
    """An edit of a site that cannot be edited in this way."""

    code = "edit_site"


class EditPositionError(GlassformerError):
    """An edit of a position that the run does not have."""

    code = "edit_position"


class EditRowError(GlassformerError):
    """An edit of a row that the table of words does not have."""

    code = "edit_row"


class EditWeightsError(GlassformerError):
    """Attention by hand whose weights are no shares of one whole."""

    code = "edit_weights"


class EditTemperatureError(GlassformerError):
    """A temperature of a head that its scores cannot be divided by."""

    code = "edit_temperature"


class EditSideError(GlassformerError):
    """An edit of a side that the model lacks."""

    code = "edit_side"


class EditPatternError(GlassformerError):
    """A pattern of a mask that does not exist."""

    code = "edit_pattern"
