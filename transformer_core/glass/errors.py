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


class ArgumentError(GlassformerError):
    """An argument of a kind that cannot be meant, such as a number where a text is read."""

    code = "argument"


class UnknownIdError(GlassformerError):
    """An id that is no word of the vocabulary."""

    code = "unknown_id"


class UnknownHeadError(GlassformerError, IndexError):
    """A head that an attention block does not have."""

    code = "unknown_head"


class ConfigError(GlassformerError):
    """A configuration that no Transformer can have."""

    code = "config"


class UnknownSiteError(GlassformerError, KeyError):
    """A key that is not a site of this model."""

    code = "unknown_site"


class UnknownModelError(GlassformerError):
    """A name that is no bundled model, no folder with one, and none of a model on a hub."""

    code = "unknown_model"


class EmptyTextError(GlassformerError):
    """A text without a single token."""

    code = "empty_text"


class TextTooLongError(GlassformerError):
    """A text with more tokens than the model can take."""

    code = "text_too_long"


class TargetError(GlassformerError):
    """A target for a model that has no decoder, a source for one that has no encoder, or none where one is needed."""

    code = "target"


class AbilityError(GlassformerError):
    """Something that this kind of model cannot do, as to translate, to write, or to fill in a word."""

    code = "ability"


class NoMaskError(GlassformerError):
    """A text without a [MASK], where words that are to be found are asked for."""

    code = "no_mask"


class BlockedRowError(GlassformerError):
    """A mask with a query that may attend to no key at all: its softmax does not exist."""

    code = "blocked_row"


class ShapeError(GlassformerError):
    """A tensor whose shape does not fit."""

    code = "shape"


class ListenerError(GlassformerError):
    """A listener that returns no tensor, or one that would never be heard."""

    code = "listener"


class ModelChangedError(GlassformerError):
    """A model whose parts are no longer those of its config, or an attempt to make it so."""

    code = "model_changed"


class ChangedWeightsError(GlassformerError):
    """A parameter that is no longer what it was in the run that asks for it."""

    code = "changed_weights"


class StoredWeightsError(GlassformerError):
    """A saved trace whose parameters lie in the file of a model that is not here, or holds others now."""

    code = "stored_weights"


class NotFiniteError(GlassformerError):
    """A parameter or a value that holds NaN or an infinity."""

    code = "not_finite"


class CheckpointError(GlassformerError):
    """A file of a model that is missing, truncated, of another shape, or not what it says it is."""

    code = "checkpoint"


class ModelSizeError(GlassformerError):
    """A model whose weights take more memory than they may."""

    code = "model_size"


class NoNetworkError(GlassformerError):
    """A model that is not on this machine, while its hub cannot be reached."""

    code = "no_network"


class GatedModelError(GlassformerError):
    """A model whose owner has to be asked before it can be downloaded."""

    code = "gated_model"


class DownloadError(GlassformerError):
    """A download that went wrong in another way."""

    code = "download"


class MissingPackageError(GlassformerError, ImportError):
    """A package that is not installed, because only an extra of this one asks for it."""

    code = "missing_package"


class DataError(GlassformerError):
    """Training data that cannot be read."""

    code = "data"


class PictureTooLargeError(GlassformerError):
    """A picture of so many positions or heads that a browser would be long in drawing it."""

    code = "picture_too_large"


class RowError(GlassformerError):
    """A hook point that is passed more than once without saying at which row."""

    code = "row"
