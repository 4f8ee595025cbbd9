"""A Transformer under other names: what works for it has taken no key apart and knows no stack by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from transformer_core.glass.hooks import HookPoint, name_hook_points
from transformer_core.glass.plan import Block, Plan
from transformer_core.transformer.model import Transformer

STACKS = {"encoder": "left", "decoder": "right", "": ""}
Rename = Callable[[str], str]


def renaming(plan: Plan) -> Rename:
    """The new name of a block's path, of a value's key, or of a parameter of this plan: `a.x1.y` and its like."""
    paths = {path: f"a.x{n}.y" for n, path in enumerate(dict.fromkeys(block.path for block in plan.blocks))}

    def rename(name: str) -> str:
        path, _, last = name.rpartition(".")
        return paths[name] if name in paths else f"{paths[path]}.{last}"

    return rename


def renamed_plan(plan: Plan) -> Plan:
    """The same description with other paths of all blocks and other names of the stacks."""
    rename = renaming(plan)

    def inside(name: str) -> str:
        return name if name.startswith(".") else rename(name)

    def renamed_block(block: Block) -> Block:
        values = tuple(replace(value, formula=value.formula.renamed(inside)) for value in block.values)
        return replace(block, path=rename(block.path), stack=STACKS[block.stack], values=values)

    lists = tuple(replace(words, stack=STACKS[words.stack], tokens=rename(words.tokens)) for words in plan.word_lists)
    return replace(plan, word_lists=lists, blocks=tuple(renamed_block(block) for block in plan.blocks))


class Renamed(Transformer):
    """A Transformer whose plan, hook points and parameters all bear other names; it computes what the given one does.

    Attributes:
        rename: from the names of the given model to its own.
    """

    def __init__(self, model: Transformer) -> None:
        super().__init__(model.config)
        dtype = next(model.parameters()).dtype
        self.to(dtype).eval().load_state_dict(model.state_dict())
        self.rename = renaming(model.plan)
        self.plan = renamed_plan(model.plan)
        name_hook_points(self)
        for module in self.modules():
            if isinstance(module, HookPoint):
                module.name = self.rename(module.name)
        self._names = {
            f"{b.path}.{w.name}": self.rename(f"{b.path}.{w.name}") for b in model.plan.blocks for w in b.weights
        }

    def parameters_by_name(self) -> dict[str, torch.nn.Parameter]:
        """Return the parameters under the names of the plan."""
        return {self._names[name]: parameter for name, parameter in super().parameters_by_name().items()}


def renamed_edit(text: str, plan: Plan, rename: Rename) -> str:
    """The text of an edit of a model with this plan, for the renamed one."""
    paths = {block.path for block in plan.blocks}
    name, where, *rest = text.split(":")
    stack, _, layer = where.partition(".")
    if where in paths or where.rpartition(".")[0] in paths:
        where = rename(where)
    elif layer:  # a block of every layer
        where = f"{STACKS[stack]}.{layer}"
    return ":".join([name, where, *rest])


def equal(one: Any, other: Any, name: str = "") -> None:
    """Two arrays are the same, to the bit."""
    np.testing.assert_array_equal(one, other, err_msg=name)
