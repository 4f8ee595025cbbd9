"""What a training says while it runs: a progress bar or lines, and its history in metrics.jsonl."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformer_core.glass.files.assets import missing
from transformer_core.training.steps.trainer import Position

try:
    from tqdm import tqdm  # type: ignore[import-untyped]
except ModuleNotFoundError as error:
    raise missing("tqdm", "train") from error

RECENT = 50  # updates over which loss and speed are averaged, and one line of the history
LINE_SECONDS = 20.0  # between two lines of a log that is no terminal


_SCORES = {
    "bleu": "BLEU {:.1f}",
    "chrf": "chrF {:.1f}",
    "bits_per_character": "bits a character {:.3f}",
    "nats_per_token": "nats a token {:.3f}",
    "nats_ahead": "nats a token from the left {:.3f}",
    "nats_back": "from the right {:.3f}",
    "whole": "whole sentences {:.1f} %",
    "whole_eight": "of eight words {:.1f} %",
    "top_1": "right at first {:.1f} %",
    "top_5": "among five {:.1f} %",
}


def told(scores: Mapping[str, float]) -> str:
    """Scores as a person reads them, in one line."""
    return "  ".join(_SCORES[name].format(value) for name, value in scores.items())


class Report:
    """The voice of a training; only the first process of a group has one.

    The history has one JSON object a line: {"kind": "train", "step", "loss", "rate", ...} or {"kind": "dev", "step",
    ...} with the scores of the task ("bleu", "chrf").
    """

    def __init__(self, path: Path, step: int) -> None:
        """Go on with the history in `path`, without what a killed run wrote there after `step`."""
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= step]
        path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        self.bar = tqdm(
            total=1.0, bar_format="{percentage:3.0f}%|{bar:24}|{postfix}", disable=not sys.stderr.isatty(), leave=True
        )
        self._recent: deque[tuple[float, int, float]] = deque(maxlen=RECENT)  # summed loss, words, seconds
        self._last = time.monotonic()
        self._last_line = 0.0

    def update(self, position: Position, *, loss: float, words: int, rate: float, part_over: float) -> None:
        """Tell one update: its summed loss over these words, and the part of the training that is over."""
        now = time.monotonic()
        self._recent.append((loss, words, now - self._last))
        self._last = now
        losses, counts, seconds = (sum(column) for column in zip(*self._recent, strict=True))
        mean, speed = losses / max(1, counts), counts / max(1e-9, seconds)
        left = _clock(position.seconds * (1 - part_over) / part_over) if part_over else "?"
        text = f"step {position.step:,}  loss {mean:.3f}  {speed:,.0f} tokens/s  {left} left"
        if not self.bar.disable:
            self.bar.set_postfix_str(" " + text, refresh=False)
            self.bar.update(min(1.0, part_over) - self.bar.n)
        elif now - self._last_line > LINE_SECONDS:
            self._last_line = now
            self.say(f"{100 * part_over:5.1f} %  {text}")
        if position.step % RECENT == 0:
            self._write("train", position, loss=mean, rate=rate, tokens_per_second=round(speed, 1))

    def scores(self, position: Position, scores: Mapping[str, float]) -> None:
        """Tell the averaged weights' scores on the dev set."""
        self.say(f"step {position.step:,}  {_clock(position.seconds)}  dev {told(scores)}")
        self._write("dev", position, **{name: round(value, 4) for name, value in scores.items()})
        self._last = time.monotonic()  # the pause is no part of the speed

    def say(self, text: str) -> None:
        """A line, above the bar where there is one."""
        self.bar.write(text, file=sys.stdout)
        sys.stdout.flush()

    def close(self) -> None:
        """End the bar."""
        self.bar.close()

    def _write(self, kind: str, position: Position, **values: Any) -> None:
        line = {"kind": kind, "step": position.step, "epoch": position.epoch, "words": position.words}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "seconds": round(position.seconds, 1), **values}) + "\n")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
