"""What the reader chose, as one frozen record that travels in the URL."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.walks import attention_facts, attention_kinds, block_at, chains_of, stacks
from ui.frame.text import LANGUAGES
from ui.state.values import find_value

RUNS = ("edited", "original", "difference")
KNOWN_STACKS = ("encoder", "decoder")  # a model may lack one without a word
LONGEST_ADDRESS = 7000  # bytes of a query; browsers and servers give up somewhere above 8000


@dataclass(frozen=True)
class View:
    """One view of the app; None is "not chosen", for which the page has a default of its own.

    Attributes:
        source, target: what was typed; an empty target is the model's own translation.
        stack, block, layer, head: where the reader looks.
        stage: the stop on the page's road; "" is its first, or the one that shows `site`.
        site: the key of the value (or the name of the parameter) whose cell is explained; "" is the stop's own.
        row, column: the chosen cell, positions from 0.
        trail: the cells from which the reader came to this one, as `key[1,2]>key[0,3]`.
        step: of a decoding, from 0.
        average: whether a decoding shows the mean over the heads, or only `head`.
        edits: the texts of the edits with semicolons between them; one that is switched off has a minus in front.
        run: which run is shown while there are edits.
    """

    lang: str = "en"
    model: str = ""
    source: str = ""
    target: str = ""
    stack: str = "decoder"
    block: str = "cross_attn"
    layer: int | None = None
    head: int = 0
    stage: str = ""
    site: str = ""
    row: int | None = None
    column: int | None = None
    trail: str = ""
    step: int = 0
    average: bool = True
    edits: str = ""
    run: str = "edited"


@dataclass(frozen=True)
class Problem:
    """A value in a link that means nothing here, and what is shown instead."""

    name: str
    value: str
    used: str


def to_query(view: View) -> dict[str, str]:
    """Return the view as URL parameters; 0 is a value like any other, only what was never chosen is left out."""
    query = {name: str(value) for name, value in vars(view).items() if value is not None and value != ""}
    query["source"] = view.source  # one that was cleared, too: without it a link begins with an example
    row, column = query.pop("row", ""), query.pop("column", "")
    query["average"] = str(int(view.average))
    if not view.edits:
        del query["run"]
    del query["step"]  # the player writes it itself, without a trip to the server
    if row:
        query["cell"] = f"{row},{column}"
    return query


def shortened(query: Mapping[str, str]) -> dict[str, str]:
    """Return a query without its longest texts, as many as it takes to make an address that can be loaded again."""
    kept = dict(query)
    while len(urlencode(kept, errors="replace")) > LONGEST_ADDRESS:
        del kept[max(kept, key=lambda name: len(kept[name]))]
    return kept


def from_query(query: Mapping[str, str], models: tuple[str, ...], lang: str) -> tuple[View, list[Problem]]:
    """Return the view of a URL, as far as it can be told without a model, and what in it makes no sense."""
    problems: list[Problem] = []
    choices = {
        "lang": (LANGUAGES, lang),
        "model": (models, models[0]),
        "run": (RUNS, "edited"),
    }
    values: dict[str, object] = {}
    for name, (options, default) in choices.items():
        value = query.get(name, default)
        if value not in options:
            problems.append(Problem(name, value, default))
            value = default
        values[name] = value
    values |= {name: query.get(name, getattr(View, name)) for name in ("stack", "block")}
    values |= {name: query.get(name, "") for name in ("source", "target", "stage", "site", "trail", "edits")}
    values["layer"] = _index("layer", query.get("layer"), problems)
    values["head"] = _index("head", query.get("head"), problems) or 0
    values["step"] = _index("step", query.get("step"), problems) or 0
    average = query.get("average", "1")
    if average not in ("0", "1"):
        problems.append(Problem("average", average, "1"))
    values["average"] = average != "0"
    cell = query.get("cell")
    if cell is not None:
        row, _, column = cell.partition(",")
        values["row"] = _index("cell", row, problems)
        values["column"] = _index("cell", column, problems) if column else None
    return View(**values), problems  # type: ignore[arg-type]


def fit_to_model(view: View, plan: Plan, problems: list[Problem], given: Container[str] = ()) -> View:
    """Return the view with a block, a layer and a head that the model has; what it lacks is added to `problems`.

    Args:
        given: what the link itself says; the block that every link begins with is a mistake only there.
    """
    kinds = attention_kinds(plan) or chains_of(plan)[::-1]
    if view.stack not in stacks(plan):
        if view.stack not in KNOWN_STACKS:
            problems.append(Problem("stack", view.stack, stacks(plan)[-1]))
        view = replace(view, stack=stacks(plan)[-1])
    if (view.stack, view.block) not in kinds:
        block = next((name for stack, name in reversed(kinds) if stack == view.stack), view.block)
        if block != view.block and (view.block != View.block or "block" in given):  # one without attention has none
            problems.append(Problem("block", view.block, block))
        view = replace(view, block=block)
    # Word vectors have no layer; a table of counts that is not read has no values.
    layers = {b.layer for b in plan.blocks if b.stack == view.stack and b.layer is not None and b.values} or {0}
    last = max(layers)
    if view.layer not in layers:
        if view.layer is not None:
            problems.append(Problem("layer", str(view.layer), str(last)))
        view = replace(view, layer=last)
    if not 0 <= view.head < n_heads(plan, view):
        problems.append(Problem("head", str(view.head), "0"))
        view = replace(view, head=0)
    if view.site:
        try:
            find_value(plan, view.site)
        except UnknownSiteError:
            problems.append(Problem("site", view.site, "-"))
            view = replace(view, site="", row=None, column=None, trail="")
    return view


def block_of(plan: Plan, view: View) -> Block:
    """Return the attention block at which the reader looks."""
    block = block_at(plan, view.stack, view.layer, view.block)
    assert block is not None, f"no {view.block} in {view.stack} {view.layer}"
    return block


def n_heads(plan: Plan, view: View) -> int:
    """Return how many heads there are in the attention block at which the reader looks; 1 where there is none."""
    block = block_at(plan, view.stack, view.layer, view.block)
    return 1 if block is None or block.role != "attention" else attention_facts(block).heads


def fit_to_cell(view: View, n_rows: int, n_columns: int, problems: list[Problem]) -> View:
    """Return the view with a cell that the matrix has, or none; what it lacks is added to `problems`."""
    cell = to_query(view).get("cell", "")
    if view.row is not None and not 0 <= view.row < n_rows:
        problems.append(Problem("cell", cell, "-"))
        return replace(view, row=None, column=None)
    if view.column is not None and not 0 <= view.column < n_columns:
        problems.append(Problem("cell", cell, f"{view.row}"))
        return replace(view, column=None)
    return view


def _index(name: str, text: str | None, problems: list[Problem]) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return int(text)
    problems.append(Problem(name, text, "-"))
    return None
