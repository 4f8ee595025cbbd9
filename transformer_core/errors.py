"""Errors of the core: each has a code and fields, so that a program can say them in its reader's language."""

from __future__ import annotations


class GlassformerError(ValueError):
    """Something was asked that cannot be answered; the message says what was given and what would be right.

    Attributes:
        code: a short stable name of the kind of error, the same for every message of the class.
        fields: the values named in the message, by name.
    """

    code = "error"

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields

    def __str__(self) -> str:
        return self.message  # KeyError, a base of one subclass, would show the repr


class ConfigError(GlassformerError):
    """A configuration that no Transformer can have."""

    code = "config"


class UnknownSiteError(GlassformerError, KeyError):
    """A key that is not a site of this model."""

    code = "unknown_site"


class UnknownModelError(GlassformerError):
    """A name that is neither a bundled model nor a folder with one."""

    code = "unknown_model"


class EmptyTextError(GlassformerError):
    """A text without a single token."""

    code = "empty_text"


class TextTooLongError(GlassformerError):
    """A text with more tokens than the model can take."""

    code = "text_too_long"


class TargetError(GlassformerError):
    """A target for a model that has no decoder, or a source for a model that has no encoder."""

    code = "target"


class BlockedRowError(GlassformerError):
    """A mask with a query that may attend to no key at all: its softmax does not exist."""

    code = "blocked_row"


class ShapeError(GlassformerError):
    """A tensor whose shape does not fit."""

    code = "shape"


class CheckpointError(GlassformerError):
    """A file of a model that is missing, truncated, of another shape, or not what it says it is."""

    code = "checkpoint"


class DataError(GlassformerError):
    """Training data that cannot be read."""

    code = "data"
