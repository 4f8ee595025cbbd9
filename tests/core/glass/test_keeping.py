"""What keeps the values of a pass: rows in any order, none of them missing."""

from __future__ import annotations

import pytest
import torch

from tests.core.recurrent import Recurrent
from transformer_core.glass.errors import RowError
from transformer_core.glass.keeping import Keep


def test_rows_may_come_in_any_order_and_none_may_be_missing() -> None:
    plan, keep, rows = Recurrent().plan, Keep(), torch.arange(6.0).view(3, 1, 2)
    for row in (2, 1):
        keep.hear("cell.x_in", rows[row], row)
    with pytest.raises(RowError, match=r"row 0 of .* was not passed"):
        keep.whole(plan)
    keep.hear("cell.x_in", rows[0], 0)
    assert torch.equal(keep.whole(plan)["cell.x_in"][0], rows[:, 0])
