"""Who remembers? Three cells and one layer of attention learn the task of `recall_task`, over ever longer distances.

All have about as many parameters, the same symbols in the same order and the same batch; each has the learning rate,
of 1e-3 and 3e-3, at which it learned better. They take turns, so that whatever else the machine does meets all; each
has its own clock, and ends when it knows the symbol or its seconds are over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from transformer_core.glass.errors import ConfigError
from transformer_core.training.comparisons.recall_task import SYMBOLS, Chain, Looking, draw

KNOWS = 0.99  # of the held-out items right: then a learner ends
OPEN = 3.0  # is added to the bias of an open gate


@dataclass(frozen=True)
class Way:
    """One of those that learn: which network, what is added to the bias of the gate that keeps, and its rate."""

    network: str
    bias: float = 0.0
    rate: float = 3e-3


WAYS = {
    "rnn": Way("rnn", rate=1e-3),
    "gru": Way("gru"),
    "lstm": Way("lstm"),
    "lstm_open": Way("lstm", OPEN),
    "attention": Way("attention"),
}


@dataclass(frozen=True, kw_only=True)
class RecallSetting:
    """Every number that decides the trainings.

    Attributes:
        distances: symbols between the one to be remembered and the answer.
        seconds: of CPU time that each learner has at each distance.
        batch: items of an update.
        clip: the gradient's largest norm.
        evaluate_every: updates between two looks at the held-out items.
        held_out: how many of those there are.
        seed: of the first weights and of the items.
    """

    distances: tuple[int, ...] = (10, 20, 40, 100)
    seconds: int = 8
    batch: int = 64
    clip: float = 1.0
    evaluate_every: int = 50
    held_out: int = 512
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("seconds", "batch", "evaluate_every", "held_out"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}", field=name)


class Learner:
    """One network at one distance.

    Attributes:
        name: of the way, as in `WAYS`.
        seconds: of CPU time that its updates took.
    """

    def __init__(self, name: str, distance: int, setting: RecallSetting) -> None:
        torch.manual_seed(setting.seed)
        self.name, self.seconds, self.step, self.right = name, 0.0, 0, 0.0
        way = WAYS[name]
        looks = way.network == "attention"
        self.model: nn.Module = Looking(distance + 1) if looks else Chain(way.network, bias=way.bias)
        self._setting, self._distance = setting, distance
        self._dice = torch.Generator().manual_seed(setting.seed)
        self._held_out = draw(setting.held_out, distance, self._dice)
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=way.rate)

    @property
    def has_ended(self) -> bool:
        """Whether it knows the symbol, or its seconds are over."""
        return self.right >= KNOWS or self.seconds >= self._setting.seconds

    def learn(self) -> dict[str, Any]:
        """Learn until the next look at the held-out items; return where it stands then."""
        start = time.process_time()
        for _ in range(self._setting.evaluate_every):
            symbols = draw(self._setting.batch, self._distance, self._dice)
            self._optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(self.model(symbols), symbols[:, 0]).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), self._setting.clip)
            self._optimizer.step()
            self.step += 1
        self.seconds += time.process_time() - start
        return self.point()

    @torch.no_grad()
    def point(self) -> dict[str, Any]:
        """Return where it stands: step, seconds, and the part of the held-out items that it gets right."""
        self.right = float((self.model(self._held_out).argmax(-1) == self._held_out[:, 0]).float().mean())
        return {"step": self.step, "seconds": self.seconds, "right": self.right}


def recall_run(setting: RecallSetting) -> Iterator[dict[str, Any]]:
    """Train all of them and yield what is found on the way, ready for JSON.

    Yields:
        first {"kind": "start", ...} with the setting, the number of symbols, the chance of a guess, what opens a gate,
        and "parameters" by name; then {"kind": "point", "way", "distance", "step", "seconds" (of CPU time), "right"},
        each learner's first before its first update; last {"kind": "end"}.
    """
    sizes = {name: size_of(Learner(name, 1, setting).model) for name in WAYS}
    yield {
        "kind": "start",
        **asdict(setting),
        "symbols": SYMBOLS,
        "chance": 1 / SYMBOLS,
        "open": OPEN,
        "parameters": sizes,
    }
    for distance in setting.distances:
        learners = [Learner(name, distance, setting) for name in WAYS]
        for learner in learners:
            yield {"kind": "point", "way": learner.name, "distance": distance, **learner.point()}
        while learning := [learner for learner in learners if not learner.has_ended]:
            for learner in learning:
                yield {"kind": "point", "way": learner.name, "distance": distance, **learner.learn()}
    yield {"kind": "end"}


def size_of(model: nn.Module) -> int:
    """Return how many parameters a network has; a tied one counts once."""
    return sum({id(p): p.numel() for p in model.parameters()}.values())
