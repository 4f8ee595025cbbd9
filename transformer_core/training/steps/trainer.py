"""One update of the weights, and everything that an update depends on, to be saved and restored."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from transformer_core.ancestors.base import AncestorConfig
from transformer_core.ancestors.families import build
from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.glass.hooks import listening
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.walks import attention_of, key_of
from transformer_core.training.data.pairs import Batch
from transformer_core.training.data.word_alignment import NO_WORD
from transformer_core.training.recipe import Recipe
from transformer_core.training.steps import checkpoint
from transformer_core.training.steps.average import WeightAverage
from transformer_core.training.steps.distributed import Group
from transformer_core.training.steps.loss import told_loss
from transformer_core.training.steps.optimizers import Optimizers
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer
from transformer_core.transformer.modules import dropout

_SMALLEST = 1e-6  # of a weight, so that its logarithm is one


@dataclass
class Position:
    """Where a training stands.

    Attributes:
        step: updates done.
        epoch: passes over the data that are over.
        batch: batches of the present pass that are done.
        seconds: of wall time spent, over all the runs that it took.
        words: target words learned from, over all processes.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    words: int = 0


def new_model(config: TransformerConfig | AncestorConfig) -> LanguageModel:
    """A model of this shape with fresh weights."""
    return Transformer(config) if isinstance(config, TransformerConfig) else build(config)


class Objective(nn.Module):
    """A batch's summed loss over the words that have to be told."""

    def __init__(self, model: LanguageModel, smoothing: float, guidance: float = 0.0) -> None:
        super().__init__()
        self.model = model
        self.smoothing, self.guidance = smoothing, guidance
        crossed = attention_of(model.plan, "decoder", "cross_attn")
        self._guided = key_of(crossed[-1], "weights") if crossed else ""

    def forward(
        self, source: Tensor | None, target_in: Tensor | None, target_out: Tensor, links: Tensor | None = None
    ) -> Tensor:
        """The loss, that of the guided attention included; padding is left out before the head, where most work is.

        Shapes: source [B, S], target_in [B, T], target_out [B, T], or [B, S] without a decoder, links [B, T] -> [].
        """
        there = target_out != self.model.config.pad_id
        seen = dict[str, Tensor]()
        with contextlib.nullcontext() if links is None else listening(partial(_keep, seen, self._guided)):
            features = self.model.features(source, target_in)
        loss = told_loss(self.model.head, features[there], target_out[there], self.smoothing)
        return loss if links is None else loss + self.guidance * unguided(seen[self._guided], links)


def unguided(weights: Tensor, links: Tensor) -> Tensor:
    """How far attention is from the linked words: the sum of -log of the heads' mean weight on each.

    Shapes: weights [B, H, T, S], links [B, T], source positions or NO_WORD -> [].
    """
    linked = links != NO_WORD
    on_word = weights.mean(dim=1).gather(2, links.clamp(min=0)[..., None])[..., 0]  # [B, T]
    return -on_word[linked].float().clamp_min(_SMALLEST).log().sum()


def _shape(config: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """What decides a model's weights and arithmetic, field by field; what is dropped in training may differ."""
    shape = dict[str, Any]()
    for name, value in config.items():
        if isinstance(value, Mapping):
            shape |= _shape(value, f"{path}{name}.")
        elif name != "dropout":
            shape[path + name] = value
    return shape


def _keep(seen: dict[str, Tensor], wanted: str, key: str, x: Tensor) -> Tensor:
    if key == wanted:
        seen[key] = x
    return x


class Trainer:
    """A model in training with its optimizers, averaged weights and position."""

    def __init__(self, recipe: Recipe, vocab_sizes: tuple[int, int], group: Group, *, bf16: bool = False) -> None:
        self.recipe, self.group, self.bf16 = recipe, group, bf16
        torch.manual_seed(recipe.seed)
        dropout.restore_pools({})
        self.model = new_model(recipe.config(*vocab_sizes)).to(group.device).train()
        self.average = WeightAverage(self.model, recipe.average_decay)
        self.objective = group.wrap(Objective(self.model, recipe.smoothing, recipe.guidance))
        self.optimizers = Optimizers(self.model, recipe, bf16=bf16)
        self.position = Position()
        torch.manual_seed(recipe.seed + group.rank)  # each process drops other cells

    def start_from(self, model: LanguageModel) -> None:
        """Take the weights of another model of this shape; the optimizers begin anew.

        Raises:
            ConfigError: if its configuration is another, but for its dropout.
        """
        wanted, given = (_shape(one.config.to_dict()) for one in (self.model, model))
        other = [f"{name} {given.get(name)}, not {value}" for name, value in wanted.items() if given.get(name) != value]
        if other:
            message = f"{self.recipe.start_from} is another model than the recipe's: {'; '.join(other)}"
            raise ConfigError(message, field="start_from")
        self.model.load_state_dict(model.state_dict())

    def update(self, batch: Batch, rate: float, words: int) -> Tensor:
        """Take one step with this process's share of a batch; return the share's summed loss.

        Args:
            batch: this process's share.
            rate: the learning rate of Adam; see `Optimizers.step` for Muon's.
            words: target words of the whole batch, over all processes.
        """
        device = self.group.device
        ids = [None if side is None else side.to(device, non_blocking=True) for side in batch]
        autocast = torch.autocast(device.type, torch.bfloat16) if self.bf16 else contextlib.nullcontext()
        with autocast:
            loss: Tensor = self.objective(*ids)
        # The group's gradients are averaged: times its size, each word of the whole batch counts the same.
        (loss * (self.group.size / words)).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip, foreach=True)
        self.optimizers.step(rate)
        self.average.update(self.model)
        self.position.step += 1
        self.position.batch += 1
        self.position.words += words
        return loss.detach()

    def save(self, path: Path, about_data: dict[str, Any]) -> None:
        """Write all that decides the rest of the training; every process must call it, the first one writes."""
        pools = json.dumps(dropout.pool_state()).encode()
        padded = torch.zeros(4096, dtype=torch.uint8)
        padded[: len(pools)] = torch.frombuffer(bytearray(pools), dtype=torch.uint8)
        tensors = {"random.pools": self.group.gather(padded), "random.cpu": self.group.gather(torch.get_rng_state())}
        if self.group.device.type == "cuda":
            tensors["random.cuda"] = self.group.gather(torch.cuda.get_rng_state(self.group.device))
        if self.group.is_first:
            tensors |= checkpoint.pack(self.model, self.average.model) | self.optimizers.state()
            facts = {
                "recipe": self.recipe.to_dict(),
                "position": asdict(self.position),
                "averaged": self.average.updates,
                "processes": self.group.size,
                "data": about_data,
            }
            checkpoint.write_atomically(path, tensors, facts)
        self.group.wait()

    def load(self, path: Path, about_data: dict[str, Any]) -> None:
        """Go back to where `save` was called, with the same data and as many processes.

        Raises:
            CheckpointError: if the file is not a training checkpoint, or of another training.
        """
        tensors, facts = checkpoint.read(path)
        wanted = {"processes": self.group.size, "data": about_data}
        for name, value in wanted.items():
            if facts[name] != value:
                raise CheckpointError(f"{path} was trained with {name} {facts[name]}, not {value}", path=str(path))
        checkpoint.unpack(tensors, self.model, self.average.model)
        self.optimizers.load_state(tensors)
        self.average.updates = facts["averaged"]
        self.position = Position(**facts["position"])
        rank = self.group.rank
        dropout.restore_pools(json.loads(bytes(tensors["random.pools"][rank].tolist()).rstrip(b"\0")))
        torch.set_rng_state(tensors["random.cpu"][rank].clone())  # torch reads a view from its storage's beginning
        if self.group.device.type == "cuda" and "random.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random.cuda"][rank].clone(), self.group.device)
