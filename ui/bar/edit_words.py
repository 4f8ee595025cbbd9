"""Edits in the reader's words: what one does, and where."""

from __future__ import annotations

from transformer_core.edits.base import in_all_layers
from transformer_core.edits.parse import (
    DropPositions,
    Edit,
    Fill,
    KeepOnly,
    MaskCells,
    Patch,
    ReplaceRow,
    SetAttention,
    SkipNorm,
    SkipResidual,
    SwitchOff,
    Temperature,
    WholeMask,
)
from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site, position_axis
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import with_role
from ui.frame.text import t
from ui.state.models import reader

SEPARATOR = ", "
MOST = 4  # cells that are named; of more, only how many


def describe(edit: Edit, trace: Trace, model: str, lang: str) -> str:
    """Return what an edit of a model's run does as one line; `trace` is a run of the sentence, for its words."""
    match edit:
        case SwitchOff(block, heads):
            return t("edit_said.off", lang, block=block_words(trace.plan, block, lang), heads=_list(heads))
        case KeepOnly(block, heads):
            return t("edit_said.keep", lang, block=block_words(trace.plan, block, lang), heads=_list(heads))
        case Temperature(block, head, temperature):
            where = block_words(trace.plan, block, lang)
            return t("edit_said.temperature", lang, block=where, head=head, temperature=f"{temperature:g}")
        case SetAttention(block, head, query, _):
            rows, columns = trace.tokens_of(f"{block}.weights")[1:]
            shares = [f"{_word(columns, k)} {100 * w:.0f} %" for k, w in enumerate(edit.shares) if w]
            fields = {"head": head, "query": _word(rows, query), "keys": SEPARATOR.join(shares)}
            return t("edit_said.attend", lang, block=block_words(trace.plan, block, lang), **fields)
        case Fill(site, positions, how):
            return t(f"edit_said.{how}", lang, site=site, positions=_positions(trace, site, positions, lang))
        case Patch(site, positions, source):
            where = _positions(trace, site, positions, lang)
            return t("edit_said.patch", lang, site=site, positions=where, source=source)
        case ReplaceRow(site, word, other):
            read = reader(model, find_site(trace.plan, site).block.words)
            return t("edit_said.row", lang, site=site, word=read(word).text, other=read(other).text)
        case SkipResidual(site):
            return t("edit_said.no_residual", lang, site=site)
        case SkipNorm(norm):
            return t("edit_said.no_norm", lang, norm=norm)
        case _:
            return _mask(edit, trace, lang)


def block_words(plan: Plan, block: str, lang: str) -> str:
    """Return the name of an attention block with its layer, or with all of them."""
    found = next(one for one in with_role(plan, "attention") if block in (one.path, in_all_layers(one)))
    what = t(f"edit_block.{found.stack}_{found.name}", lang)
    return t("edit_block.one" if block == found.path else "edit_block.all", lang, block=what, layer=found.layer)


def _mask(edit: Edit, trace: Trace, lang: str) -> str:
    match edit:
        case DropPositions(side, positions):
            tokens = trace.words_of(side).texts
            words = SEPARATOR.join(_word(tokens, p) for p in positions)
            if side in causal_lists(trace.plan):
                return t("edit_said.drop_target", lang, words=words)
            alone = len(trace.plan.word_lists) == 1
            return t("edit_said.drop_word" if alone else "edit_said.drop_source", lang, words=words)
        case MaskCells(block, cells, allowed):
            rows, columns = trace.tokens_of(edit.keys(trace.plan)[0])
            named = SEPARATOR.join(f"{_word(rows, q)} → {_word(columns, k)}" for q, k in cells[:MOST])
            if len(cells) > MOST:
                named = t("edit_said.more", lang, cells=named, n=len(cells) - MOST)
            where = block_words(trace.plan, block, lang)
            return t("edit_said.allow" if allowed else "edit_said.forbid", lang, block=where, cells=named)
        case WholeMask(block, pattern, width):
            what = t(f"edit_mask.{pattern}", lang, width=width)
            return t("edit_said.mask", lang, block=block_words(trace.plan, block, lang), pattern=what)
    raise TypeError(edit)


def _positions(trace: Trace, key: str, positions: tuple[int, ...], lang: str) -> str:
    if not positions:
        return t("edit_said.everywhere", lang)
    tokens = trace.tokens_of(key)[position_axis(find_site(trace.plan, key))]
    return SEPARATOR.join(_word(tokens, p) for p in positions)


def _word(tokens: tuple[str, ...] | None, position: int) -> str:
    return f"{position} {tokens[position]}" if tokens and position < len(tokens) else str(position)


def _list(numbers: tuple[int, ...]) -> str:
    return SEPARATOR.join(map(str, numbers))
