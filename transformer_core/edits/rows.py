"""Edits of a table of words: the row of one word in place of another's."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from transformer_core.edits.base import Edit, Run, editable_site
from transformer_core.edits.errors import EditRowError, EditSiteError
from transformer_core.edits.values import NUMBERS
from transformer_core.glass.formula.starts import Lookup
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site


@dataclass(frozen=True)
class ReplaceRow(Edit):
    """A word is read by another's row of the table: as if the one row were copied over the other before the run.

    Where the same table also says the next word, it does so as before.

    Attributes:
        site: of the rows that are looked up, e.g. `embed.out`.
        word: the id whose row is replaced, wherever it is looked up.
        other: the id whose row takes its place.
    """

    site: str
    word: int
    other: int

    def check(self, plan: Plan) -> None:
        """Raise an UnknownSiteError, EditSiteError or EditRowError unless the model looks up both rows there."""
        site = editable_site(plan, self.site, NUMBERS, "row")
        if not isinstance(site.formula, Lookup):
            raise EditSiteError(f"{self.site} is no row of a table", key=self.site, how="row")
        size = plan.words(site.block.words).size if site.block.words else 0
        if size:  # a plan may not say
            self._check_rows(size)

    def keys(self, plan: Plan) -> tuple[str, ...]:
        """Return the rows that are looked up."""
        return (self.site,)

    def reads(self, plan: Plan) -> tuple[str, ...]:
        """Return the ids by which they are."""
        return find_formula(plan, self.site).sites[:1]

    def apply(self, key: str, x: Tensor, run: Run) -> Tensor:
        """Return the rows with the other's wherever the word's was looked up."""
        table = run.parameters[find_site(run.plan, key).formula.parameters[0]]
        self._check_rows(len(table))
        ids = run.earlier[self.reads(run.plan)[0]]
        answer = x.clone()
        answer[ids == self.word] = table[self.other].to(x.dtype)
        return answer

    def to_text(self) -> str:
        """Return e.g. `row:embed.out:627:418`."""
        return f"row:{self.site}:{self.word}:{self.other}"

    def _check_rows(self, size: int) -> None:
        for row in (self.word, self.other):
            if not 0 <= row < size:
                raise EditRowError(f"the table has no row {row}: they go from 0 to {size - 1}", row=row, last=size - 1)
