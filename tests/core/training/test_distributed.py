"""Two processes train as one does. Run as a script, this file is one of the two."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.training_samples import TINY, tiny_text_command, write_pairs, write_texts
from transformer_core.training.__main__ import main
from transformer_core.training.data.pairs import Batch
from transformer_core.training.presets import make_recipe
from transformer_core.training.recipe import Recipe
from transformer_core.training.steps import checkpoint
from transformer_core.training.steps.distributed import Group
from transformer_core.training.steps.trainer import Trainer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
VOCAB = (11, 13)
UPDATES = 3


def recipe(dropout: float) -> Recipe:
    shape = {"d_model": 12, "n_heads": 3, "d_ff": 17, "n_encoder_layers": 1, "n_decoder_layers": 1}
    return make_recipe("zh-en", steps=9, dropout=dropout, attention_dropout=dropout, **shape)


def whole_batch(number: int) -> Batch:
    """Six pairs of different lengths, so that the two shares have different numbers of words."""
    dice = torch.Generator().manual_seed(number)
    source = torch.randint(3, VOCAB[0], (6, 7), generator=dice)
    words = torch.randint(3, VOCAB[1], (6, 5), generator=dice)
    for row, length in enumerate((5, 1, 4, 2, 5, 1)):
        words[row, length:] = 0
    read = torch.cat((torch.ones(6, 1, dtype=torch.int64), words[:, :-1]), dim=1)
    return Batch(source, read, words)


def share(batch: Batch, rank: int, size: int) -> Batch:
    return Batch(*(None if side is None else side[rank::size] for side in batch))


def train(group: Group, dropout: float, saved_to: Path | None = None) -> Trainer:
    """A few updates; with `saved_to`, by way of a checkpoint and a new trainer."""
    trainer = Trainer(recipe(dropout), VOCAB, group)
    for number in range(UPDATES):
        if saved_to is not None and number == 1:
            trainer.save(saved_to, {})
            trainer = Trainer(recipe(dropout), VOCAB, group)
            trainer.load(saved_to, {})
        batch = whole_batch(number)
        own = share(batch, group.rank, group.size)
        (words,) = group.sum(int((own.target_out != 0).sum()))
        assert words == int((batch.target_out != 0).sum())
        trainer.update(own, 1e-2, int(words))
    return trainer


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: parameter.detach() for name, parameter in trainer.model.named_parameters()}


def be_one_of_two(folder: Path) -> None:
    torch.set_num_threads(1)
    group = Group.join("cpu")
    for name, dropout, saved_to in (
        ("plain", 0.0, None),
        ("dropped", 0.3, None),
        ("resumed", 0.3, folder / checkpoint.FILE),
    ):
        save_file(weights(train(group, dropout, saved_to)), folder / f"{name}.{group.rank}")
    group.leave()
    os.environ["MASTER_PORT"] = os.environ["SECOND_PORT"]
    with (folder / f"said.{group.rank}").open("w") as said, redirect_stdout(said):
        numbers = [part for name, value in TINY.items() for part in (f"--{name.replace('_', '-')}", str(value))]
        files = ["--data", str(folder / "pairs.tsv"), "--dev", str(folder / "pairs.tsv"), "--out", str(folder / "run")]
        assert main(["train", "--preset", "zh-en", *files, "--device", "cpu", "--epochs", "1", *numbers]) == 0
    os.environ["MASTER_PORT"] = os.environ["THIRD_PORT"]
    assert main(tiny_text_command(folder, "masked-word", "filler", steps=2)) == 0


@pytest.fixture(scope="module")
def by_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where two processes, started with the variables that torchrun sets, left their results."""
    folder = tmp_path_factory.mktemp("by_two")
    write_pairs(folder / "pairs.tsv")
    write_texts(folder / "stories.txt")
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        names = ("MASTER_PORT", "SECOND_PORT", "THIRD_PORT")
        ports = {name: str(one.getsockname()[1]) for name, one in zip(names, sockets, strict=True)}
    address = {"MASTER_ADDR": "127.0.0.1", "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1", **ports}
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            env={**os.environ, **address, "RANK": str(rank), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(said)
    return folder


@pytest.mark.parametrize("name", ["plain", "dropped", "resumed"])
def test_both_processes_end_with_the_same_weights(name: str, by_two: Path) -> None:
    first, second = load_file(by_two / f"{name}.0"), load_file(by_two / f"{name}.1")
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_two_processes_do_what_one_does(by_two: Path) -> None:
    alone = weights(train(Group(0, 1, torch.device("cpu")), 0.0))
    together = load_file(by_two / "plain.0")
    for name, weight in alone.items():
        if name.endswith("b_K"):
            continue  # moves no softmax: its gradient is rounding noise, which Adam blows up to full steps
        torch.testing.assert_close(together[name], weight, rtol=1e-4, atol=1e-5)


def test_each_process_gets_its_own_random_numbers_back(by_two: Path) -> None:
    went_on, resumed = load_file(by_two / "dropped.0"), load_file(by_two / "resumed.0")
    assert all(torch.equal(went_on[name], resumed[name]) for name in went_on)


def test_the_command_trains_in_two_processes(by_two: Path) -> None:
    said = [(by_two / f"said.{rank}").read_text() for rank in range(2)]
    assert said[0].count("dev BLEU") == said[0].count("written:") == 1
    assert said[1] == ""  # one of them speaks for both
    assert (by_two / "run" / "model" / "model.safetensors").exists()
    last = json.loads((by_two / "run" / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["words"] > 60 * 5 * 0.8  # the words of both are counted
    assert (by_two / "filler" / "model" / "model.safetensors").exists()


if __name__ == "__main__":
    be_one_of_two(Path(sys.argv[1]))
