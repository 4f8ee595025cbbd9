"""A whole training: passes over the data until the budget ends, with evaluations, checkpoints and a clean stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import torch

from transformer_core.training.data.pairs import Batch
from transformer_core.training.report import Report
from transformer_core.training.steps.schedule import learning_rate
from transformer_core.training.steps.trainer import Trainer


@dataclass
class Stop:
    """A wish to end, by a signal; the loop grants it between two updates.

    Attributes:
        signal: its number, 0 while nobody asked.
    """

    signal: int = 0


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Turn the first Ctrl-C (SIGINT) or SIGTERM into a wish to stop; a second one acts as usual."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():  # only that one may set handlers
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: FrameType | None) -> None:
        stop.signal = number
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True)
class Habits:
    """What a training does besides learning; none of it changes the weights.

    Attributes:
        evaluate_every, save_every: updates between two evaluations, two checkpoints; 0 for only at the end.
        evaluate: the dev scores of the averaged weights, by name, or None without a dev set.
    """

    evaluate_every: int
    save_every: int
    evaluate: Callable[[], Mapping[str, float]] | None


class Loop:
    """Runs a trainer over batches until its recipe's budget is used up, or somebody asks it to stop."""

    def __init__(
        self,
        trainer: Trainer,
        batches: Callable[[int, int], Iterator[Batch]],
        batches_in_pass: Callable[[int], int],
        habits: Habits,
        checkpoint: Path,
        about_data: dict[str, object],
        report: Report | None,
    ) -> None:
        """Tie the parts together.

        Args:
            trainer: the model and its position.
            batches: of a pass (first argument), from a batch on (second), this process's share of each.
            batches_in_pass: how many a pass has.
            habits: evaluations and checkpoints.
            checkpoint: where those are written.
            about_data: what identifies the data, kept in the checkpoint.
            report: in the first process, who tells the user.
        """
        self.trainer, self.batches, self.batches_in_pass = trainer, batches, batches_in_pass
        self.habits, self.checkpoint, self.about_data, self.report = habits, checkpoint, about_data, report
        self._started = time.monotonic() - trainer.position.seconds
        self._last_scored = self._last_saved = trainer.position.step

    def run(self, stop: Stop) -> bool:
        """Train; return whether the budget is used up (and not a stop asked for). The checkpoint is then written."""
        position = self.trainer.position
        finished = stopped = False
        while not (finished or stopped):
            in_pass = self.batches_in_pass(position.epoch)
            for batch in self.batches(position.epoch, position.batch):
                finished, stopped = self._update(batch, position.epoch + position.batch / in_pass, stop)
                if finished or stopped:
                    break
                self._keep_habits()
            else:
                position.epoch, position.batch = position.epoch + 1, 0
        if finished and self._last_scored != position.step:
            self._evaluate()
        self._save()
        return finished

    def _update(self, batch: Batch, epochs: float, stop: Stop) -> tuple[bool, bool]:
        # One agreement of all processes about the words of the batch, a wish to stop, and the first one's clock.
        trainer, position, group = self.trainer, self.trainer.position, self.trainer.group
        own_words = int((batch.target_out != trainer.model.config.pad_id).sum())
        clock = time.monotonic() - self._started if group.is_first else 0.0
        words, stops, position.seconds = group.sum(own_words, float(stop.signal != 0), clock)
        part_over = trainer.recipe.part_over(position.step, position.seconds, epochs)
        if part_over >= 1 or stops:
            return part_over >= 1, bool(stops)
        recipe = trainer.recipe
        rate = learning_rate(
            position.step + 1,
            part_over,
            peak=recipe.peak_rate,
            warmup_steps=recipe.warmup_steps,
            schedule=recipe.schedule,
        )
        loss = trainer.update(batch, rate, int(words))
        if self.report is not None:
            share = float(loss) * words / max(1, own_words)
            self.report.update(position, loss=share, words=int(words), rate=rate, part_over=part_over)
        return False, False

    def _keep_habits(self) -> None:
        step = self.trainer.position.step
        if self.habits.evaluate_every and step - self._last_scored >= self.habits.evaluate_every:
            self._evaluate()
        if self.habits.save_every and step - self._last_saved >= self.habits.save_every:
            self._save()

    def _evaluate(self) -> None:
        self._last_scored = self.trainer.position.step
        if self.habits.evaluate is not None and self.report is not None:
            # Nothing that an evaluation might draw may change the training that goes on behind it.
            with torch.random.fork_rng(devices=[]):
                scores = self.habits.evaluate()
            self.report.scores(self.trainer.position, scores)

    def _save(self) -> None:
        self._last_saved = self.trainer.position.step
        self.trainer.position.seconds = time.monotonic() - self._started
        self.trainer.save(self.checkpoint, self.about_data)
