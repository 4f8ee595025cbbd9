"""Edits of values: positions filled or copied from another run, residuals and norms left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from torch import Tensor

from transformer_core.edits.base import Edit, Run, at_row, editable_site, listed, rows_of, unique
from transformer_core.edits.errors import EditSiteError
from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.formula.kinds import Masked
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.sites import find_site, position_axis, unknown_key

How = Literal["zero", "one", "mean", "freeze"]
FIXED: dict[How, float] = {"zero": 0.0, "one": 1.0}
NUMBERS = ("signed", "variance", "logits")
ATTENTION = ("scores", "weights")
RESERVED = {"%": "%25", ";": "%3B", ":": "%3A"}  # what has a meaning in the text of an edit


@dataclass(frozen=True)
class Fill(Edit):
    """A site is filled at some positions, or at all if none are named.

    Attributes:
        site: its key.
        positions: along its first axis of positions: of the queries, where it has two.
        how: "zero"; "one", as a gate that is wide open; "mean", the mean over all positions of this run; "freeze", what
            the unedited run of the same words has there, so that no edit further up moves it.
    """

    site: str
    positions: tuple[int, ...] = ()
    how: How = "zero"

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", unique(self.positions))
        if self.how not in get_args(How):
            raise EditSiteError(f"{self.how!r} is none of {', '.join(get_args(How))}", key=self.site, how=self.how)

    def check(self, plan: Plan) -> None:
        """Raise an UnknownSiteError or EditSiteError unless the model has the site, and it can be filled like this."""
        # A row of weights or of masked scores that is filled with one number would be no attention any more.
        site = editable_site(
            plan, self.site, (*NUMBERS, *(ATTENTION if self.how == "freeze" else ("scores",))), self.how
        )
        opens = self.how != "freeze" and isinstance(site.formula, Masked)  # blocked cells would become numbers
        if opens or (self.how == "mean" and site.block.role == "recurrent"):  # there are no later rows yet
            raise EditSiteError(f"{site.key} cannot be edited like this: {self.how}", key=site.key, how=self.how)

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the site."""
        return (self.site,)

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the site with these positions filled."""
        site, answer = find_site(run.plan, key), x.clone()
        rows = rows_of(site, self.positions, x, run.row)
        if self.how in FIXED:
            answer[rows] = FIXED[self.how]
        elif self.how == "mean":
            answer[rows] = x.mean(dim=position_axis(site) + 1, keepdim=True)
        else:
            answer[rows] = at_row(run.plain[key], site, run.row)[rows]
        return answer

    def to_text(self) -> str:
        """Return e.g. `zero:decoder.0.ffn.out:2,3`."""
        return f"{self.how}:{self.site}:{listed(self.positions)}"

    def positions_on(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        """Return the filled positions, on the site's side."""
        return _on_side(plan, self.site, self.positions)

    def looks_ahead(self, plan: Plan, n_target: int) -> bool:
        """Whether it spreads the mean over all target positions to an earlier one."""
        site = find_site(plan, self.site)
        if self.how != "mean" or site.sides[position_axis(site)] not in causal_lists(plan):
            return False
        return any(p < n_target - 1 for p in self.positions or range(n_target))


@dataclass(frozen=True)
class Patch(Edit):
    """A site takes its value at some positions, or at all, from the run of another sentence (activation patching).

    The other run reads the same target words, so that the sentence is all that differs. (Without an encoder, the other
    text is what it reads.)
    """

    site: str
    positions: tuple[int, ...]
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", unique(self.positions))
        object.__setattr__(self, "source", self.source.strip())

    def check(self, plan: Plan) -> None:
        """Raise an UnknownSiteError or EditSiteError unless it is a site with one axis of positions."""
        site = editable_site(plan, self.site, NUMBERS, "patch")
        if sum(side is not None for side in site.sides) != 1:  # the other sentence may have more keys
            raise EditSiteError(f"{self.site} has two axes of positions", key=self.site, how="patch")

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the site."""
        return (self.site,)

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the site with these positions as the other run has them."""
        site, answer = find_site(run.plan, key), x.clone()
        rows = rows_of(site, self.positions, x, run.row)
        if rows[-1]:  # the other run may be too short for a row that is left alone
            answer[rows] = at_row(run.others[self.source][key], site, run.row)[rows]
        return answer

    def to_text(self) -> str:
        """Return e.g. `patch:encoder.0.out:2:我有两只猫`."""
        source = "".join(RESERVED.get(c, c) for c in self.source)
        return f"patch:{self.site}:{listed(self.positions)}:{source}"

    def positions_on(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        """Return the patched positions, on the site's side."""
        return _on_side(plan, self.site, self.positions)


@dataclass(frozen=True)
class SkipResidual(Edit):
    """A residual sum hands on what the sub-layer adds, without what it is added to."""

    site: str

    def check(self, plan: Plan) -> None:
        """Raise an UnknownSiteError or EditSiteError unless the model has this residual sum."""
        if find_site(plan, self.site).block.role != "add":
            raise EditSiteError(
                f"{self.site} is no residual sum; add1 of a layer is one", key=self.site, how="no_residual"
            )

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the sum."""
        return (self.site,)

    def reads(self, plan: Plan) -> tuple[str, ...]:
        """Return what the sub-layer adds, the second summand."""
        return find_formula(plan, self.site).sites[1:]

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return what the sub-layer adds."""
        return run.earlier[self.reads(run.plan)[0]]

    def to_text(self) -> str:
        """Return e.g. `no_residual:encoder.0.add1`."""
        return f"no_residual:{self.site}"


@dataclass(frozen=True)
class SkipNorm(Edit):
    """A LayerNorm hands on what it reads.

    Attributes:
        norm: its path, e.g. `encoder.0.ln1`, or `decoder.norm` at the end of a pre-norm stack.
    """

    norm: str

    def check(self, plan: Plan) -> None:
        """Raise an UnknownSiteError unless the model has this norm."""
        self._block(plan)

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the norm's output."""
        return (f"{self.norm}.{self._block(plan).values[-1].name}",)

    def reads(self, plan: Plan) -> tuple[str, ...]:
        """Return what its first statistic is taken of."""
        return find_formula(plan, f"{self.norm}.{self._block(plan).values[0].name}").sites

    def _block(self, plan: Plan) -> Block:
        norms = {block.path: block for block in plan.blocks if block.role == "norm"}
        if self.norm not in norms:
            raise unknown_key(plan, self.norm, "norm", norms)
        return norms[self.norm]

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return what the norm reads."""
        return run.earlier[self.reads(run.plan)[0]]

    def to_text(self) -> str:
        """Return e.g. `no_norm:encoder.0.ln1`."""
        return f"no_norm:{self.norm}"


def _on_side(plan: Plan, key: str, positions: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    site = find_site(plan, key)
    side = site.sides[position_axis(site)]
    assert side is not None
    return tuple((side, p) for p in positions)
