"""The training command on running text: a model that goes on with it, and one that fills in hidden words."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.core.training_samples import TOLD, tiny_text_command, write_texts
from transformer_core import load_model
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.__main__ import main
from transformer_core.training.steps.trainer import Trainer

TASKS = ("next-word", "masked-word")
on_tasks = pytest.mark.parametrize("task", TASKS)


def history(folder: Path, kind: str) -> list[dict[str, float]]:
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if json.loads(line)["kind"] == kind]


@pytest.mark.slow
def test_a_model_that_goes_on_with_texts(tmp_path: Path) -> None:
    """The whole way: a text file in; out comes a decoder that knows what a story of this kind goes on with."""
    command = tiny_text_command(tmp_path, "next-word", "run", steps=150, max_length=32)
    assert main([*command, "--dev", str(tmp_path / "stories.txt"), "--evaluate-every", "100"]) == 0
    scores = history(tmp_path / "run", "dev")
    assert [line["step"] for line in scores] == [100, 150]
    # Person, place, animal and colour are drawn evenly; all else is certain.
    least = sum(map(len, map(str.encode, TOLD))) / len(TOLD)
    possible = torch.tensor([3.0, 4, 6, 2]).log2().sum().item() / least
    assert possible < scores[-1]["bits_per_character"] < 2 * possible
    glass = load_model(tmp_path / "run" / "model")
    assert glass.config.architecture == "decoder-only"
    written = glass.decode("Mary went to the school.", max_length=20)
    assert glass.target_tokenizer is not None
    text = glass.target_tokenizer.decode(written.ids)
    assert re.fullmatch(r"Mary went to the school\. Mary saw a \w+ there\. It was (red|blue)\.", text)


@pytest.mark.slow
def test_a_model_that_fills_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the sentences around a gap make certain, it fills in; the bundle has a [MASK] to type."""
    settings = {"d_model": 32, "max_length": 32, "batch_tokens": 480, "dropout": 0.0, "mask_share": 0.3}
    rates = {"peak_rate": 0.01, "matrix_rate": 0.01}
    command = tiny_text_command(tmp_path, "masked-word", "run", steps=200, **settings, **rates)
    dev = tmp_path / "dev.txt"
    dev.write_text("\n".join(TOLD[::7]), encoding="utf-8")
    assert main([*command, "--dev", str(dev), "--evaluate-every", "0"]) == 0
    scores = history(tmp_path / "run", "dev")[-1]
    # Place, animal and colour are drawn: at most 11 of 14 words are certain; the most frequent one makes up 14 %.
    assert 50 <= scores["top_1"] < 95
    assert scores["top_1"] < scores["top_5"] <= 100
    glass = load_model(tmp_path / "run" / "model")
    tokenizer = glass.source_tokenizer
    assert tokenizer is not None
    ids = [*tokenizer.encode("Tom [MASK] to the house. Tom saw a dog there. It was red.", masks=True), 2]
    with torch.no_grad():
        best = int(glass.model(torch.tensor([ids]))[0, ids.index(3)].argmax())
    assert tokenizer.pieces([best]) == ("went",)
    capsys.readouterr()
    assert main(["evaluate", "--model", str(tmp_path / "run" / "model"), "--data", str(dev)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"\d+ documents: right at first [\d.]+ %  among five [\d.]+ %", said)


@on_tasks
@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_after_a_stop_as_well(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(tiny_text_command(tmp_path, task, "whole", steps=9)) == 0
    update, seen = Trainer.update, []

    def interrupted(self: Trainer, *arguments: object) -> torch.Tensor:
        seen.append(self.position.step)
        if len(seen) == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return update(self, *arguments)  # type: ignore[arg-type]

    command = tiny_text_command(tmp_path, task, "parts", steps=9)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "update", interrupted)
        assert main(command) == 128 + signal.SIGTERM
    assert main([*command, "--resume"]) == 0
    whole, parts = (load_file(tmp_path / out / "model" / "model.safetensors") for out in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert history(tmp_path / "whole", "train") == []  # too short for a line of the history, of 50 updates


@pytest.mark.slow
def test_two_models_share_a_tokenizer(tmp_path: Path) -> None:
    data = str(write_texts(tmp_path / "stories.txt"))
    shared = tmp_path / "english.json"
    assert main(["tokenizer", "--data", f"{data}=2", "--vocab-size", "380", "--out", str(shared)]) == 0
    assert Tokenizer.load(shared).mask_id == 3
    for task, side in (("next-word", "target"), ("masked-word", "source")):
        assert main([*tiny_text_command(tmp_path, task, task, steps=1), "--tokenizer", str(shared)]) == 0
        written = tmp_path / task / "model" / f"{side}_tokenizer.json"
        assert written.read_bytes() == shared.read_bytes()


@pytest.mark.slow
def test_an_unfinished_training_is_exported_with_its_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every figure of a card is this training's or this file's."""
    for task, line in (("next-word", "Tom went to the"), ("masked-word", "Tom went to the [MASK].\tgarden")):
        run, model = tmp_path / task, tmp_path / "models" / task
        assert main([*tiny_text_command(tmp_path, task, task, steps=3), "--dev", str(tmp_path / "stories.txt")]) == 0
        (tmp_path / "examples.txt").write_text(f"{line}\n", encoding="utf-8")
        (tmp_path / "card").write_text("$parameters; $megabytes; $shape; $scores\n$recipe\n$curve\n$examples\n")
        files = {"run": run, "to": model, "card": tmp_path / "card", "dev": tmp_path / "stories.txt"}
        given = [part for name, file in files.items() for part in (f"--{name}", str(file))]
        assert main(["export", *given, "--examples", str(tmp_path / "examples.txt")]) == 0
        exported, trained = (load_file(folder / "model.safetensors") for folder in (model, run / "model"))
        assert exported.keys() == trained.keys()
        assert all(torch.equal(exported[name], trained[name]) for name in exported)
        card = (model / "card.md").read_text(encoding="utf-8")
        n_parameters = sum(p.numel() for p in load_model(model).model.parameters())
        assert card.startswith(f"{n_parameters:,}; 0.0 MB; 1 layers, 2 heads, d_model 24, d_ff 32, relu, pre-norm")
        assert "| time | 3 steps, " in card
        assert re.search(r"\| 3 \| 0 \| (bits a character|right at first) [\d.]+", card)
        assert line.partition(" [MASK]")[0] in card
    assert re.search(r"\| 1 \| Tom went to the \*\*\[MASK\]\*\*\. \| “.+” 0\.\d\d, .* \| garden \|", card)
    (tmp_path / "card").write_text("$nonsense", encoding="utf-8")
    capsys.readouterr()
    assert main(["export", *given]) == 2
    assert "a placeholder that is none of $parameters" in capsys.readouterr().err
    assert main(["export", "--run", str(run), "--to", str(model), "--card", str(tmp_path / "card")]) == 2


@on_tasks
@pytest.mark.slow
def test_a_loss_falls(task: str, tmp_path: Path) -> None:
    assert main(tiny_text_command(tmp_path, task, "run", steps=100)) == 0
    losses = [line["loss"] for line in history(tmp_path / "run", "train")]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "next-word", "--preset", "words-en"], "is for the task masked-word, not next-word"),
        (["--task", "pairs"], "pairs need a --preset"),
        (["--task", "pairs", "--preset", "en-fr", "--tokenizer", "t.json"], "leave --tokenizer out"),
        (["--task", "next-word", "--data", "nowhere.txt"], r"nowhere\.txt cannot be read"),
        (["--task", "next-word", "--data", "some.txt=-1"], "weight of some.txt must be a number above 0, not -1"),
        (["--preset", "zh-en", "--data", "some.tsv=0.5"], "a whole number of times, not 0.5"),
    ],
)
def test_a_wrong_request_is_one_line(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = [] if "--data" in arguments else ["--data", str(write_texts(tmp_path / "stories.txt"))]
    assert main(["train", *arguments, *data, "--out", str(tmp_path / "run"), "--device", "cpu"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(message, error)
