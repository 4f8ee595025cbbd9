"""What the recurrent cells say of themselves."""

from __future__ import annotations

from transformer_core.ancestors.base import STACK, WORDS
from transformer_core.ancestors.cells import CELLS
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import pointwise
from transformer_core.glass.formula.operations import Operation
from transformer_core.glass.formula.rows import Before
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.plan import Block, Value, Weight


def cell_block(path: str, kind: str, x: str) -> Block:
    """Return the description of the cell of this kind that reads `x`."""
    cell = CELLS[kind]
    values = [_read(gate, x) for gate in cell.gates]
    values += [_before(state) for state in cell.states]
    values += {"rnn": _rnn, "gru": _gru, "lstm": _lstm}[kind]()
    weights = [Weight(f"{name}_{g}", axes) for g in cell.gates for name, axes in (("W", "DD"), ("U", "DD"), ("b", "D"))]
    if kind == "gru":
        weights.append(Weight("c_n", "D"))
    return Block(path, "recurrent", tuple(values), tuple(weights), None, STACK, 0, kind, WORDS)


def _read(gate: str, x: str) -> Value:
    """What a gate makes of the word."""
    x_in, W = Factor("x_{i,e}", x, "l D"), Factor(f"W^{gate}_{{e,d}}", f".W_{gate}", "D d")
    b = Factor(f"b^{gate}_d", f".b_{gate}", "d")
    made = contraction("gate_x", _part(gate, "x"), "ld", x_in, W, bias=b, over="e")
    return Value(f"{gate}_x", "LD", "signed", made)


def _recall(gate: str, c: str = "") -> Value:
    """What a gate makes of the state before."""
    h, U = Factor("h'_{i,e}", ".h_before", "l D"), Factor(f"U^{gate}_{{e,d}}", f".U_{gate}", "D d")
    bias = Factor(f"c^{gate}_d", c, "d") if c else None
    made = contraction("gate_h", _part(gate, "h"), "ld", h, U, bias=bias, over="e")
    return Value(f"{gate}_h", "LD", "signed", made)


def _before(state: str) -> Value:
    symbol = f"{state}_{{i-1,d}}"
    latex = rf"{state}'_{{i,d}} = {symbol}, \quad {state}_{{-1,d}} = 0"
    before = Before(kind=f"{state}_before", latex=latex, inputs=(f".{state}",), symbol=symbol)
    return Value(f"{state}_before", "LD", "signed", before)


def _part(gate: str, of: str) -> str:
    return rf"a^{{{gate}{of}}}_{{i,d}}"


def _gate(gate: str, operation: Operation = operations.SIGMOID_SUM, kind: str = "gate_open") -> Value:
    name = r"\tanh" if operation is operations.TANH_SUM else r"\sigma"
    x, h = _part(gate, "x"), _part(gate, "h")
    latex = rf"{gate}_{{i,d}} = {name}({x} + {h})"
    return Value(gate, "LD", "signed", pointwise(kind, operation, latex, (x, f".{gate}_x"), (h, f".{gate}_h")))


def _rnn() -> list[Value]:
    return [_recall("h"), _gate("h", operations.TANH_SUM, "h")]


def _gru() -> list[Value]:
    gates = [value for gate in "rz" for value in (_recall(gate), _gate(gate))]
    x, h = _part("n", "x"), _part("n", "h")
    new = pointwise(
        "candidate",
        operations.TANH_GATED,
        rf"n_{{i,d}} = \tanh({x} + r_{{i,d}}\, {h})",
        (x, ".n_x"),
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


def _lstm() -> list[Value]:
    values = []
    for gate in CELLS["lstm"].gates:
        is_new = gate == "g"
        opened = _gate(gate, operations.TANH_SUM, "candidate") if is_new else _gate(gate)
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
