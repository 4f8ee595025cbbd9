"""Which mask the reader lays over a block: a preset or one drawn by hand, as a short text in the link."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.plan import Block
from transformer_core.glass.walks import attention_facts
from ui.state.options import Option, one_of, to_link

Mask = NDArray[Any]

OWN = "own"
PRESETS = ("causal", "padding", "window", "none", OWN)
WIDEST = 63
_ITS_OWN = "-"  # stands for the block's own mask where a text is needed
_WINDOW = re.compile(r"window-(\d{1,2})")
_DRAWN = re.compile(r"own-(\d{1,3})x(\d{1,3})-([\w-]{1,2000})")


@dataclass(frozen=True)
class MaskChoice:
    """A preset; what was drawn is kept while another one is looked at.

    Attributes:
        preset: one of `PRESETS`; "" is the mask that the block has of itself.
        width: of the window, in positions to either side.
        drawn: by hand, a text of 0 and 1 per row.
    """

    preset: str = ""
    width: int = 1
    drawn: tuple[str, ...] = ()


def mask_of(choice: MaskChoice, natural: Mask) -> Mask:
    """Return the mask that is chosen for a block.

    A mask that was drawn for a longer or shorter sentence covers what both have; the rest stays as it is.

    Shapes: natural bool [Q, K], the block's own mask; -> the same.
    """
    ahead = np.arange(natural.shape[1])[None] - np.arange(natural.shape[0])[:, None]
    if choice.preset == "causal":
        return ahead <= 0
    if choice.preset in ("none", "padding"):
        return np.ones_like(natural)  # one sentence alone has no padding
    if choice.preset == "window":
        return natural & (np.abs(ahead) <= choice.width)
    mask = natural.copy()
    if choice.preset == OWN:
        drawn = cells(choice.drawn)[: natural.shape[0], : natural.shape[1]]
        mask[: drawn.shape[0], : drawn.shape[1]] = drawn
        empty = ~mask.any(axis=1)
        mask[empty] = natural[empty]
    return mask


def natural_preset(block: Block) -> str:
    """Return the preset that an attention block has of itself."""
    return "causal" if attention_facts(block).causal else "padding"


def as_rows(mask: Mask) -> tuple[str, ...]:
    """Return a mask as a text of 0 and 1 per row."""
    return tuple("".join("1" if open_ else "0" for open_ in row) for row in mask)


def cells(rows: tuple[str, ...]) -> Mask:
    """Return the mask of such texts: bool [Q, K]; [0, 0] for none."""
    return np.array([[mark == "1" for mark in row] for row in rows], dtype=bool).reshape(
        len(rows), len(rows[0]) if rows else 0
    )


def blocked_row(mask: Mask) -> int | None:
    """Return the first row that blocks every key, or None."""
    empty = np.flatnonzero(~mask.any(axis=1))
    return int(empty[0]) if len(empty) else None


def write(choice: MaskChoice) -> str:
    """Return the text of a choice in a link: `none`, `window-2`, `own-7x7-...` with eight cells a byte."""
    if choice.preset == "window":
        return f"window-{choice.width}"
    if choice.preset != OWN:
        return choice.preset or _ITS_OWN
    mask = cells(choice.drawn)
    packed = base64.urlsafe_b64encode(np.packbits(mask).tobytes()).decode("ascii").rstrip("=")
    return f"own-{mask.shape[0]}x{mask.shape[1]}-{packed}"


def read(text: str) -> MaskChoice | None:
    """Return the choice of such a text; None if it is none."""
    if text in ("causal", "padding", "none"):
        return MaskChoice(text)
    if found := _WINDOW.fullmatch(text):
        width = int(found[1])
        return MaskChoice("window", width) if width <= WIDEST else None
    return _drawn(text)


def _drawn(text: str) -> MaskChoice | None:
    found = _DRAWN.fullmatch(text)
    if not found:
        return None
    n_rows, n_columns = int(found[1]), int(found[2])
    try:
        packed = base64.b64decode(found[3] + "=" * (-len(found[3]) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    if not n_rows * n_columns or len(packed) != -(-n_rows * n_columns // 8):
        return None
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))[: n_rows * n_columns].reshape(n_rows, n_columns)
    return MaskChoice(OWN, drawn=as_rows(bits)) if bits.any(axis=1).all() else None


MASK = Option("mask", MaskChoice(), read, write)
LAYERS = Option("mask_layers", "one", one_of("one", "all"))
VALUE = Option("mask_value", "weights", one_of("scores", "weights", "z"))
LAB = (MASK, LAYERS, VALUE)


def lab_link() -> dict[str, str]:
    """Return the laboratory's parameters in a link; a block's own mask, whatever was drawn before, is none of them."""
    return {name: text for name, text in to_link(*LAB).items() if text != _ITS_OWN}
