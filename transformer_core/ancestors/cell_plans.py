"""What the recurrent cells say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from transformer_core.ancestors.base import STACK, WORDS
from transformer_core.ancestors.cells import CELLS
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import pointwise
from transformer_core.glass.formula.operations import Operation
from transformer_core.glass.formula.rows import Before
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.plan import Block, NamedPlace, RecurrentFacts, Value, Weight


@dataclass(frozen=True)
class Handing:
    """What a chain begins with: the state of another one behind its last word.

    Attributes:
        h: the site of that state.
        tokens: the site of the ids that it was made of.
        pad_id: the id of the padding among them.
    """

    h: str
    tokens: str
    pad_id: int


def cell_block(
    path: str,
    kind: str,
    x: str,
    *,
    reverse: bool = False,
    context: str = "",
    begins: Handing | None = None,
    **place: Unpack[NamedPlace],
) -> Block:
    """Return the description of a cell.

    Args:
        path: of the block.
        kind: of the cell.
        x: what it reads.
        reverse: whether it reads the last word first.
        context: the site of what it reads of another text, at each position; "" for nothing.
        begins: what it begins with; None for zeros.
        place: the block's stack, layer, name and word lists; by default those of a model of one chain.
    """
    cell = CELLS[kind]
    values = [value for gate in cell.gates for value in _read(gate, x, context)]
    values += [_before(state, begins, reverse=reverse) for state in cell.states]
    values += {"rnn": _rnn, "gru": _gru, "lstm": _lstm}[kind]("c" if context else "x")
    weights = [Weight(f"{name}_{g}", axes) for g in cell.gates for name, axes in (("W", "DD"), ("U", "DD"), ("b", "D"))]
    if context:
        weights += [Weight(f"C_{gate}", "DD") for gate in cell.gates]
    if kind == "gru":
        weights.append(Weight("c_n", "D"))
    here: NamedPlace = {"stack": STACK, "layer": 0, "name": kind, "words": WORDS, **place}
    return Block(path, "recurrent", tuple(values), tuple(weights), RecurrentFacts(reverse), **here)


def _read(gate: str, x: str, context: str) -> list[Value]:
    """What a gate makes of the word, and with what is seen of another text."""
    x_in, W = Factor("x_{i,e}", x, "l D"), Factor(f"W^{gate}_{{e,d}}", f".W_{gate}", "D d")
    b = Factor(f"b^{gate}_d", f".b_{gate}", "d")
    made = contraction("gate_x", _part(gate, "x"), "ld", x_in, W, bias=b, over="e")
    values = [Value(f"{gate}_x", "LD", "signed", made)]
    if context:
        seen, C = Factor("c_{i,e}", context, "l D"), Factor(f"C^{gate}_{{e,d}}", f".C_{gate}", "D d")
        before = Factor(_part(gate, "x"), f".{gate}_x", "l d")
        added = contraction("gate_c", _part(gate, "c"), "ld", seen, C, bias=before, over="e")
        values.append(Value(f"{gate}_c", "LD", "signed", added))
    return values


def _recall(gate: str, c: str = "") -> Value:
    """What a gate makes of the state before."""
    h, U = Factor("h'_{i,e}", ".h_before", "l D"), Factor(f"U^{gate}_{{e,d}}", f".U_{gate}", "D d")
    bias = Factor(f"c^{gate}_d", c, "d") if c else None
    made = contraction("gate_h", _part(gate, "h"), "ld", h, U, bias=bias, over="e")
    return Value(f"{gate}_h", "LD", "signed", made)


def _before(state: str, begins: Handing | None, *, reverse: bool) -> Value:
    formula = state_before(f"{state}_before", f".{state}", state, begins, reverse=reverse)
    return Value(f"{state}_before", "LD", "signed", formula)


def state_before(kind: str, site: str, letter: str, begins: Handing | None, *, reverse: bool = False) -> Before:
    """Return the formula of what a chain has at each position before it reads the word there.

    Args:
        kind: of the value.
        site: of the state.
        letter: of the state.
        begins, reverse: as in `cell_block`.
    """
    symbol, outside = f"{letter}_{{{'i+1' if reverse else 'i-1'},d}}", "n" if reverse else "-1"
    first = "0" if begins is None else rf"{letter}^{{\mathrm{{enc}}}}_{{n-1,d}}"
    latex = rf"{letter}'_{{i,d}} = {symbol}, \quad {letter}_{{{outside},d}} = {first}"
    inputs = (site,) if begins is None else (site, begins.h, begins.tokens)
    pad_id = 0 if begins is None else begins.pad_id
    return Before(kind=kind, latex=latex, inputs=inputs, symbol=symbol, reverse=reverse, pad_id=pad_id)


def _part(gate: str, of: str) -> str:
    return rf"a^{{{gate}{of}}}_{{i,d}}"


def _gate(gate: str, of: str, operation: Operation = operations.SIGMOID_SUM, kind: str = "gate_open") -> Value:
    name = r"\tanh" if operation is operations.TANH_SUM else r"\sigma"
    x, h = _part(gate, of), _part(gate, "h")
    latex = rf"{gate}_{{i,d}} = {name}({x} + {h})"
    return Value(gate, "LD", "signed", pointwise(kind, operation, latex, (x, f".{gate}_{of}"), (h, f".{gate}_h")))


def _rnn(of: str) -> list[Value]:
    return [_recall("h"), _gate("h", of, operations.TANH_SUM, "h")]


def _gru(of: str) -> list[Value]:
    gates = [value for gate in "rz" for value in (_recall(gate), _gate(gate, of))]
    x, h = _part("n", of), _part("n", "h")
    new = pointwise(
        "candidate",
        operations.TANH_GATED,
        rf"n_{{i,d}} = \tanh({x} + r_{{i,d}}\, {h})",
        (x, f".n_{of}"),
        ("r_{i,d}", ".r"),
        (h, ".n_h"),
    )
    mixed = pointwise(
        "h",
        operations.MIX,
        r"h_{i,d} = (1 - z_{i,d})\, n_{i,d} + z_{i,d}\, h'_{i,d}",
        ("z_{i,d}", ".z"),
        ("n_{i,d}", ".n"),
        ("h'_{i,d}", ".h_before"),
    )
    # Torch's order of the gates: r, z, n, each with what it makes of the state before.
    return [*gates, _recall("n", ".c_n"), Value("n", "LD", "signed", new), Value("h", "LD", "signed", mixed)]


def _lstm(of: str) -> list[Value]:
    values = []
    for gate in CELLS["lstm"].gates:
        is_new = gate == "g"
        opened = _gate(gate, of, operations.TANH_SUM, "candidate") if is_new else _gate(gate, of)
        values += [_recall(gate), opened]
    kept = pointwise(
        "c",
        operations.KEEP_AND_WRITE,
        r"c_{i,d} = f_{i,d}\, c'_{i,d} + i_{i,d}\, g_{i,d}",
        ("f_{i,d}", ".f"),
        ("c'_{i,d}", ".c_before"),
        ("i_{i,d}", ".i"),
        ("g_{i,d}", ".g"),
    )
    act = pointwise("c_act", operations.TANH, r"\tilde{c}_{i,d} = \tanh(c_{i,d})", ("c_{i,d}", ".c"))
    shown = pointwise(
        "h", operations.GATE, r"h_{i,d} = o_{i,d}\, \tilde{c}_{i,d}", ("o_{i,d}", ".o"), (r"\tilde{c}_{i,d}", ".c_act")
    )
    return [*values, *(Value(name, "LD", "signed", one) for name, one in (("c", kept), ("c_act", act), ("h", shown)))]
