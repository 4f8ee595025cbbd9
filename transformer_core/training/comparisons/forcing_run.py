"""Training with and without teacher forcing, on the small task: the same model, weights, items, rate and updates.

With it, the decoder reads the right words, shifted by one, and one parallel pass says something at every position
(Williams & Zipser 1989). Without it, the decoder reads its own greedy words, step by step, each with a pass of its
own over the one new position; keys and values of earlier steps are kept, with their gradients. In both, the loss is the
mean cross entropy of the *right* word at every position of the reference. Its gradient flows through the
log-probabilities of all steps, and through the keys and values that later steps read; it does not flow through the
choice of a word, since which word is the largest has no derivative. The own words go on until the reference ends.

Letters: B items, T target position, V vocabulary, D d_model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from transformer_core.glass.errors import ConfigError
from transformer_core.training.comparisons import reverse_task
from transformer_core.training.data.pairs import Batch
from transformer_core.training.steps.schedule import learning_rate
from transformer_core.transformer.model import Transformer

WAYS = ("forced", "own")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Every number that decides both trainings.

    Attributes:
        steps: updates of each.
        batch: items of an update.
        peak_rate, warmup_steps: of Adam; the rate then falls along a cosine to 0.
        clip: the gradient's largest norm.
        evaluate_every: updates between two looks at the held-out items.
        held_out: how many of those there are.
        seed: of the first weights and of the items.
    """

    steps: int = 400
    batch: int = 64
    peak_rate: float = 5e-3
    warmup_steps: int = 50
    clip: float = 1.0
    evaluate_every: int = 10
    held_out: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "evaluate_every", "held_out"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}", field=name)


def own_words(model: Transformer, source: Tensor | None, n_steps: int) -> tuple[Tensor, Tensor]:
    """Return the logits of each step, and the greedy words that were written and read on the way.

    Shapes: source [B, S] -> [B, T, V], [B, T].
    """
    assert source is not None
    memory, caches = model.encode(source), model.new_caches()
    read = torch.full((source.shape[0], 1), model.config.bos_id, device=source.device)
    said, written = [], []
    for _ in range(n_steps):
        said.append(model.head(model.decode(read, memory, source, caches)))
        read = said[-1].detach().argmax(dim=-1)
        written.append(read)
    return torch.cat(said, dim=1), torch.cat(written, dim=1)


def forced_loss(model: Transformer, batch: Batch) -> Tensor:
    """Return the mean loss of the right words, which the decoder has read as well: one parallel pass."""
    return _loss(model(batch.source, batch.target_in), batch)


def own_loss(model: Transformer, batch: Batch) -> Tensor:
    """Return the mean loss of the right words while the decoder reads its own: one pass per position."""
    return _loss(own_words(model, batch.source, batch.target_out.shape[1])[0], batch)


@torch.no_grad()
def held_out_scores(model: Transformer, batch: Batch) -> dict[str, float]:
    """Return how well a model does on its own words, as it is used.

    Returns:
        loss: the mean loss of the right words, in nats; right: the part of the positions where the written word is the
        right one; whole: the part of the items that are right from the first word to </s>.
    """
    model.eval()
    logits, written = own_words(model, batch.source, batch.target_out.shape[1])
    model.train()
    there = batch.target_out != model.config.pad_id
    hits = written == batch.target_out
    return {
        "loss": float(_loss(logits, batch)),
        "right": float(hits[there].float().mean()),
        "whole": float((hits | ~there).all(dim=1).float().mean()),
    }


class Learner:
    """One of the two trainings.

    Attributes:
        seconds: of CPU time that its updates took; looking at the held-out items costs none of it.
    """

    def __init__(self, setting: Setting, loss: Callable[[Transformer, Batch], Tensor]) -> None:
        torch.manual_seed(setting.seed)
        self.model = Transformer(reverse_task.config()).train()
        self.items = reverse_task.Items(setting.seed, setting.held_out)
        self.step, self.seconds = 0, 0.0
        self._setting, self._loss = setting, loss
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=setting.peak_rate, betas=(0.9, 0.98))

    def update(self) -> None:
        """Learn from one batch."""
        batch, setting = self.items.batch(self._setting.batch), self._setting
        start = time.process_time()
        self.step += 1
        rate = learning_rate(
            self.step, self.step / setting.steps, peak=setting.peak_rate, warmup_steps=setting.warmup_steps
        )
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        self._loss(self.model, batch).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), setting.clip)
        self._optimizer.step()
        self.seconds += time.process_time() - start

    def point(self) -> dict[str, Any]:
        """Return where it stands: step, seconds, and the scores on the held-out items."""
        return {"step": self.step, "seconds": self.seconds, **held_out_scores(self.model, self.items.held_out)}


def forcing_run(setting: Setting) -> Iterator[dict[str, Any]]:
    """Train both ways and yield what is found on the way, ready for JSON.

    The two take turns, so that whatever else the machine does meets both; each has its own clock.

    Yields:
        first {"kind": "start", ...} with the setting and the model's size; then {"kind": "point", "way", "step",
        "seconds" (of CPU time), "loss", "right", "whole"}, each way's first before its first update; last
        {"kind": "end"}.
    """
    learners = {way: Learner(setting, loss) for way, loss in zip(WAYS, (forced_loss, own_loss), strict=True)}
    parameters = sum(p.numel() for p in learners[WAYS[0]].model.parameters())
    task = {"symbols": reverse_task.SYMBOLS, "shortest": reverse_task.SHORTEST, "longest": reverse_task.LONGEST}
    yield {"kind": "start", **asdict(setting), **task, "parameters": parameters}
    for step in range(setting.steps + 1):
        for way, learner in learners.items():
            if step:
                learner.update()
            if step % setting.evaluate_every == 0 or step == setting.steps:
                yield {"kind": "point", "way": way, **learner.point()}
    yield {"kind": "end"}


def _loss(logits: Tensor, batch: Batch) -> Tensor:
    return nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=reverse_task.PAD)
