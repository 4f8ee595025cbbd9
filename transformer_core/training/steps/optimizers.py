"""The optimizers of a training: Adam for all weights, or Muon for the layers' matrices beside Adam for the rest."""

from __future__ import annotations

import torch
from torch import Tensor

from transformer_core.glass.model import LanguageModel
from transformer_core.glass.walks import matrices_of
from transformer_core.training.recipe import Recipe
from transformer_core.training.steps.muon import Float32Muon

MOMENTUM, WEIGHT_DECAY = 0.95, 0.1  # torch.optim.Muon's defaults


class Optimizers:
    """What takes a step for every weight of a model.

    Muon (Jordan 2024) makes each matrix's averaged gradient orthogonal before it is taken; its rate is scaled so that a
    step is as long as one of Adam (Liu et al. 2025). Embeddings, biases, LayerNorms stay with Adam.

    Args:
        model: whose weights are trained.
        recipe: with the rates, and whether Muon is used.
        bf16: whether Muon's products may be in bfloat16.
    """

    def __init__(self, model: LanguageModel, recipe: Recipe, *, bf16: bool = False) -> None:
        self.recipe = recipe
        named = dict(model.named_parameters())
        maps = {f"{block.path}.{one.name}" for block in model.plan.blocks for one in matrices_of(block)}
        matrices = [name for name in named if recipe.optimizer == "muon" and name in maps]
        rest = [parameter for name, parameter in named.items() if name not in matrices]
        adam = torch.optim.Adam(rest, lr=recipe.peak_rate, betas=recipe.betas, eps=recipe.eps, fused=True)
        self._parts: dict[str, torch.optim.Optimizer] = {"adam": adam}
        if matrices:
            kind = torch.optim.Muon if bf16 else Float32Muon
            self._parts["muon"] = kind(
                [named[name] for name in matrices],
                lr=recipe.matrix_rate,
                momentum=MOMENTUM,
                weight_decay=WEIGHT_DECAY,
                adjust_lr_fn="match_rms_adamw",
            )
        self._owner = {name: "muon" if name in matrices else "adam" for name in named}
        self._named = named

    def step(self, rate: float) -> None:
        """Change every weight by its gradient, and forget the gradients.

        Args:
            rate: of Adam; Muon's is as far below its own peak as this is below Adam's.
        """
        for kind, part in self._parts.items():
            of_peak = rate if kind == "adam" else rate * self.recipe.matrix_rate / self.recipe.peak_rate
            for settings in part.param_groups:
                settings["lr"] = of_peak
            part.step()
            part.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """What the optimizers remember, each value under the kind of its optimizer, its key and its weight's name."""
        return {
            f"{kind}.{key}.{name}": value
            for name, kind in self._owner.items()
            for key, value in self._parts[kind].state[self._named[name]].items()
        }

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Go back to the `state` among these tensors."""
        keys = {"adam": ("step", "exp_avg", "exp_avg_sq"), "muon": ("momentum_buffer",)}
        for name, kind in self._owner.items():
            weight = self._named[name]
            labels = {key: f"{kind}.{key}.{name}" for key in keys[kind]}
            found = {key: tensors[label] for key, label in labels.items() if label in tensors}
            self._parts[kind].state[weight] = {key: value.to(weight.device) for key, value in found.items()}
