from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.core.training_samples import PAIRS, TINY, tiny_request, write_pairs
from transformer_core import load_model
from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.training.__main__ import main
from transformer_core.training.data.pairs import Batch, Batches
from transformer_core.training.run import train
from transformer_core.training.steps import checkpoint
from transformer_core.training.steps.trainer import Trainer
from transformer_core.transformer.modules import dropout


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every update's loss, in order, whatever run it belongs to."""
    seen: list[float] = []
    update = Trainer.update

    def listening(self: Trainer, batch: Batch, rate: float, words: int) -> torch.Tensor:
        loss = update(self, batch, rate, words)
        seen.append(loss.item())
        return loss

    monkeypatch.setattr(Trainer, "update", listening)
    # Pools are drawn anew several times within these short trainings.
    monkeypatch.setattr(dropout, "USES", 7)
    return seen


def interrupt_before(monkeypatch: pytest.MonkeyPatch, number: int, act: object) -> None:
    """Let `act()` happen while batch `number` of the first pass is on its way."""
    padded, count = Batches._padded, iter(range(10_000))

    def acting(self: Batches, epoch: int, batch: list[int]) -> Batch:
        if next(count) == number:
            act()  # type: ignore[operator]
        return padded(self, epoch, batch)

    monkeypatch.setattr(Batches, "_padded", acting)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model" / "model.safetensors")


@pytest.mark.slow
class TestTraining:
    STEPS = 10  # more than one pass

    def test_same_seed_same_weights_other_seed_others(self, tmp_path: Path) -> None:
        for out, seed in (("a", 3), ("b", 3), ("c", 4)):
            assert train(tiny_request(tmp_path, out, steps=4, seed=seed)) == 0
        a, b, c = (weights(tmp_path / out) for out in "abc")
        assert all(torch.equal(a[name], b[name]) for name in a)
        assert not torch.equal(a["tgt_embed.W_E"], c["tgt_embed.W_E"])

    @pytest.mark.parametrize("optimizer", ["adam", "muon"])
    @pytest.mark.parametrize("how", ["ctrl-c", "killed"])
    def test_a_stopped_run_resumes_to_the_same_losses_and_weights(
        self, how: str, optimizer: str, tmp_path: Path, losses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert train(tiny_request(tmp_path, "whole", steps=self.STEPS, optimizer=optimizer)) == 0
        whole = list(losses)
        losses.clear()
        request = replace(tiny_request(tmp_path, "parts", steps=self.STEPS, optimizer=optimizer), save_every=4)
        with monkeypatch.context() as patch:
            if how == "ctrl-c":
                interrupt_before(patch, 6, lambda: os.kill(os.getpid(), signal.SIGINT))
                assert train(request) == 128 + signal.SIGINT
                assert losses == whole[:6]
            else:

                def die() -> None:
                    raise RuntimeError("killed")

                interrupt_before(patch, 6, die)
                with pytest.raises(RuntimeError, match="killed"):
                    train(request)
        done = 6 if how == "ctrl-c" else 4
        losses.clear()
        assert train(replace(request, resume=True)) == 0
        assert losses == whole[done:]
        first, second = weights(tmp_path / "whole"), weights(tmp_path / "parts")
        assert all(torch.equal(first[name], second[name]) for name in first)
        states = [checkpoint.read(tmp_path / out / checkpoint.FILE)[0] for out in ("whole", "parts")]
        assert states[0].keys() == states[1].keys()
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])

    def test_it_learns_and_the_bundle_translates(self, tmp_path: Path) -> None:
        """The whole way: files in, a model's folder out."""
        settings = {"batch_tokens": 400, "dropout": 0.0, "attention_dropout": 0.0, "average_decay": 0.9}
        request = tiny_request(tmp_path, "run", steps=150, d_model=32, d_ff=32, warmup_steps=20, **settings)
        assert train(replace(request, dev=request.data[0].path, evaluate_every=100)) == 0
        glass = load_model(tmp_path / "run" / "model")
        right = sum(glass.translate(source).text == target for source, target in PAIRS)
        assert right >= 55
        history = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
        assert [line["step"] for line in history if line["kind"] == "dev"] == [100, 150]
        assert history[-1]["bleu"] > 80
        train_losses = [line["loss"] for line in history if line["kind"] == "train"]
        assert train_losses[-1] < 0.5 * train_losses[0]

    def test_pre_norm_and_bfloat16_run(self, tmp_path: Path) -> None:
        request = tiny_request(tmp_path, "pre", steps=2, norm_position="pre", precision="bfloat16")
        assert train(request) == 0
        assert load_model(tmp_path / "pre" / "model").config.order == "pre"

    def test_a_training_goes_on_with_a_models_weights_and_words(self, tmp_path: Path) -> None:
        """With other pairs, which would give other pieces, and with steps too small to be seen."""
        assert train(tiny_request(tmp_path, "first", steps=4)) == 0
        first = str(tmp_path / "first" / "model")
        still = tiny_request(tmp_path, "second", steps=1, start_from=first, peak_rate=1e-9)
        still.data[0].path.write_text("我有蛇。\tI have a snake.\n", encoding="utf-8")
        assert train(still) == 0
        before, after = (weights(tmp_path / out) for out in ("first", "second"))
        for name, values in before.items():
            torch.testing.assert_close(after[name], values, rtol=0, atol=1e-6)
        for file in ("source_tokenizer.json", "target_tokenizer.json"):
            one, other = ((tmp_path / out / "model" / file).read_bytes() for out in ("first", "second"))
            assert one == other
        assert json.loads((tmp_path / "second" / "recipe.json").read_text())["start_from"] == first
        wider = tiny_request(tmp_path, "third", steps=1, start_from=first, d_ff=32)
        with pytest.raises(ConfigError, match=r"feed_forward\.d_ff 24, not 32"):
            train(wider)

    def test_minutes_end_a_training(self, tmp_path: Path) -> None:
        assert train(tiny_request(tmp_path, "timed", minutes=0.002)) == 0
        facts = checkpoint.read(tmp_path / "timed" / checkpoint.FILE)[1]
        assert 0.12 <= facts["position"]["seconds"] < 5

    def test_a_whole_pass_counts_as_an_epoch(self, tmp_path: Path) -> None:
        assert train(tiny_request(tmp_path, "passes", epochs=2)) == 0
        position = checkpoint.read(tmp_path / "passes" / checkpoint.FILE)[1]["position"]
        assert (position["epoch"], position["batch"]) == (2, 0)


class TestRefusals:
    @pytest.fixture
    def trained(self, tmp_path: Path) -> Path:
        assert train(tiny_request(tmp_path, "run", steps=1)) == 0
        return tmp_path

    @pytest.mark.slow
    def test_a_checkpoint_is_not_overwritten(self, trained: Path) -> None:
        with pytest.raises(CheckpointError, match="--resume"):
            train(tiny_request(trained, "run", steps=1))

    def test_a_resumed_training_keeps_its_recipe(self, trained: Path) -> None:
        with pytest.raises(ConfigError, match="steps 1 -> 9"):
            train(tiny_request(trained, "run", steps=9, resume=True))

    def test_a_resumed_training_keeps_its_data(self, trained: Path) -> None:
        request = tiny_request(trained, "run", steps=1, resume=True)
        request.data[0].path.write_text("我有猫。\tI have a cat.\n", encoding="utf-8")
        with pytest.raises(CheckpointError, match=r"was trained with|must have shape"):
            train(request)

    def test_a_truncated_checkpoint_is_refused(self, trained: Path) -> None:
        path = trained / "run" / checkpoint.FILE
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors is not a training checkpoint"):
            train(tiny_request(trained, "run", steps=1, resume=True))

    def test_a_failed_write_leaves_the_old_checkpoint(self, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = trained / "run" / checkpoint.FILE
        before = path.read_bytes()

        def fail(*_: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(checkpoint, "save_file", fail)
        with pytest.raises(OSError, match="disk full"):
            checkpoint.write_atomically(path, {}, {})
        assert path.read_bytes() == before


class TestCommandLine:
    @pytest.mark.slow
    def test_trains_and_evaluates(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        data, out = str(write_pairs(tmp_path / "pairs.tsv")), tmp_path / "run"
        numbers = [part for name, value in TINY.items() for part in (f"--{name.replace('_', '-')}", str(value))]
        common = ["train", "--preset", "zh-en", "--data", data, "--dev", data, "--out", str(out), "--device", "cpu"]
        assert main([*common, "--steps", "3", *numbers]) == 0
        said = capsys.readouterr().out
        assert "60 pairs" in said
        assert "dev BLEU" in said
        assert json.loads((out / "recipe.json").read_text())["d_model"] == 16
        assert main(["evaluate", "--model", str(out / "model"), "--data", data, "--show", "1"]) == 0
        said = capsys.readouterr().out
        assert PAIRS[0][0] in said
        assert "60 pairs: BLEU" in said

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["train", "--preset", "zz"], "must be one of zh-en"),
            (["train", "--preset", "zh-en", "--steps", "1", "--minutes", "2"], "steps and minutes"),
            (["train", "--preset", "zh-en", "--d-model", "10"], r"10.*divisible"),
        ],
    )
    def test_a_wrong_request_is_one_line(
        self, arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        data = str(write_pairs(tmp_path / "pairs.tsv"))
        assert main([*arguments, "--data", data, "--out", str(tmp_path / "run"), "--device", "cpu"]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert re.search(message, error)

    @pytest.mark.parametrize("command", [[], ["train"], ["evaluate"]])
    def test_help_explains_itself(self, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="0"):
            main([*command, "--help"])
        said = capsys.readouterr().out
        assert "BLEU" in said
        assert ("--resume" in said) == (command == ["train"])
