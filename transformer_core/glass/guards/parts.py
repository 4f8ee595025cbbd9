"""The parts of a finished model, its modules and parameters: found fast, and no others than its config says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from torch import Tensor, nn

from transformer_core.glass.errors import ModelChangedError


class _FixedTable(dict[str, Any]):
    """The modules or parameters of one module, by name: a tensor may take the place of one of its shape, no more.

    Whatever replaces, deletes, prunes or parametrizes goes through these tables of PyTorch's. What it did would be seen
    in some places and not in others: a trace lists the values and parameters that the config says.
    """

    n_replaced = 0  # how often one took the place of another, in all models

    def __init__(self, entries: Mapping[str, Any], path: str) -> None:
        super().__init__(entries)
        self._path = path

    def __setitem__(self, name: str, new: Any) -> None:
        old = self.get(name)
        fits = isinstance(old, Tensor) and isinstance(new, Tensor) and old.shape == new.shape
        if not (fits or (name in self and new is old)):
            self._refuse(name)
        super().__setitem__(name, new)
        _FixedTable.n_replaced += 1

    def _refuse(self, *name: Any, **_: Any) -> NoReturn:
        path = ".".join(filter(None, (self._path, *map(str, name[:1]))))
        raise ModelChangedError(
            f"{path or 'the model'} cannot be added, replaced or taken away: a finished model has the parts that its "
            "config says. To change a value of a run, listen or give edits; to change a weight, write into the "
            "parameter under torch.no_grad(), or put one of the same shape in its place; for other parts, build a "
            "Transformer of another config",
            name=path,
        )

    __delitem__ = pop = popitem = clear = update = setdefault = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[_FixedTable], tuple[dict[str, Any], str]]:
        return _FixedTable, (dict(self), self._path)  # a copy of the model is as fixed as the model


def replacements() -> int:
    """Return how often a parameter of some finished model has been replaced: as long as it stays, all are the same."""
    return _FixedTable.n_replaced


def finish(model: nn.Module) -> None:
    """Fix the modules and parameters of `model`, and let Python itself find the modules, by their names.

    `nn.Module` keeps its children in a table that it searches only after Python's own search has failed, which takes
    ten times as long; a pass looks up hundreds. The table stays, and as nothing changes it any more, so does what is
    found.
    """
    for path, module in model.named_modules():
        vars(module).update(module.named_children())
        vars(module).update(
            _modules=_FixedTable(module._modules, path), _parameters=_FixedTable(module._parameters, path)
        )
