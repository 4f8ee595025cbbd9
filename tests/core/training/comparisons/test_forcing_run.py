"""Training with and without teacher forcing: the same start, the right gradients, held-out items that stay so."""

import io
import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from tests.test_walls import ROOT
from transformer_core.glass.errors import ConfigError
from transformer_core.training.__main__ import main
from transformer_core.training.comparisons import compare, reverse_task
from transformer_core.training.comparisons.forcing_run import (
    Learner,
    Setting,
    forced_loss,
    forcing_run,
    held_out_scores,
    own_loss,
    own_words,
)
from transformer_core.training.data.pairs import Batch
from transformer_core.transformer.model import Transformer

TINY = Setting(steps=3, batch=5, evaluate_every=2, held_out=7)
BATCH = reverse_task.Items(1, 1).batch(4)
SIDES = (BATCH.source, BATCH.target_in, BATCH.target_out)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Transformer(reverse_task.config()).double().train()


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return [parameter.grad.clone() for parameter in model.parameters()]


class TestTheTask:
    def test_the_target_is_the_source_in_reverse(self):
        for source, read, written in zip(*(side.tolist() for side in SIDES), strict=True):
            symbols = source[: source.index(reverse_task.EOS)]
            n, padding = len(symbols), [reverse_task.PAD] * (len(source) - len(symbols) - 1)
            assert reverse_task.SHORTEST <= n <= reverse_task.LONGEST
            assert read == [reverse_task.BOS, *reversed(symbols), *padding]
            assert written == [*reversed(symbols), reverse_task.EOS, *padding]
            assert all(3 <= symbol < 3 + reverse_task.SYMBOLS for symbol in symbols)

    def test_held_out_items_are_never_learned_from(self, monkeypatch):
        monkeypatch.setattr(reverse_task, "SYMBOLS", 2)  # so few that they would come again soon
        monkeypatch.setattr(reverse_task, "LONGEST", 6)
        items = reverse_task.Items(0, 20)
        aside = {tuple(row) for row in items.held_out.source.tolist()}
        seen = {tuple(row) for row in items.batch(400).source.tolist()}
        assert aside
        assert seen
        assert aside & seen == set()


class TestGradients:
    def test_on_own_words_they_are_those_of_one_pass_over_the_words_that_were_read(self, model):
        """So nothing is lost on the way through the cache, and nothing flows through the choice of a word."""
        _, written = own_words(model, BATCH.source, BATCH.target_out.shape[1])
        read = torch.cat([torch.full_like(written[:, :1], reverse_task.BOS), written[:, :-1]], dim=1)
        stepwise = gradients(model, own_loss(model, BATCH))
        parallel = gradients(model, forced_loss(model, Batch(BATCH.source, read, BATCH.target_out)))
        for a, b in zip(stepwise, parallel, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-12)

    def test_with_the_right_words_written_both_ways_are_the_same(self, model, monkeypatch):
        right = iter(BATCH.target_out.T)
        monkeypatch.setattr(torch.Tensor, "argmax", lambda self, dim: next(right)[:, None])
        there = own_loss(model, BATCH)
        assert there.item() == pytest.approx(forced_loss(model, BATCH).item(), abs=1e-12)

    def test_padding_costs_nothing(self, model):
        longer = [torch.nn.functional.pad(side, (0, 1)) for side in SIDES]
        if longer[0].shape[1] <= reverse_task.config().max_length:
            for loss in (forced_loss, own_loss):
                assert loss(model, Batch(*longer)).item() == pytest.approx(loss(model, BATCH).item(), abs=1e-12)


def test_scores_count_the_words_that_are_there(model, monkeypatch):
    wrong = BATCH.target_out.clone()
    wrong[0, 0] = 3 if wrong[0, 0] != 3 else 4  # one word of one item
    logits = torch.zeros(*wrong.shape, model.config.vocab_size)
    monkeypatch.setattr("transformer_core.training.comparisons.forcing_run.own_words", lambda *_: (logits, wrong))
    scores = held_out_scores(model, BATCH)
    n_words = int((BATCH.target_out != reverse_task.PAD).sum())
    assert scores["right"] == pytest.approx(1 - 1 / n_words)
    assert scores["whole"] == pytest.approx(0.75)
    assert scores["loss"] == pytest.approx(torch.tensor(float(model.config.vocab_size)).log().item())
    assert model.training


@pytest.mark.slow
class TestTheRun:
    def test_it_tells_its_setting_and_then_both_ways_in_turn(self):
        start, *points, end = forcing_run(TINY)
        assert (start["kind"], end) == ("start", {"kind": "end"})
        assert start["parameters"] == sum(p.numel() for p in Transformer(reverse_task.config()).parameters())
        assert [(p["way"], p["step"]) for p in points] == [(w, s) for s in (0, 2, 3) for w in ("forced", "own")]
        first = [{k: v for k, v in p.items() if k != "way"} for p in points[:2]]
        assert first[0] == first[1]  # the same weights, and no time has passed
        assert points[-1]["seconds"] > points[-2]["seconds"] > 0

    def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(self):
        def losses(seed):
            return [line["loss"] for line in forcing_run(replace(TINY, seed=seed)) if line["kind"] == "point"]

        assert losses(0) == losses(0) != losses(1)

    @pytest.mark.slow
    def test_both_learn(self):
        setting = Setting(steps=40, batch=16, warmup_steps=5)
        for loss in (forced_loss, own_loss):
            learner = Learner(setting, loss)
            before = learner.point()["loss"]
            for _ in range(setting.steps):
                learner.update()
            assert learner.point()["loss"] < 0.6 * before

    @pytest.mark.parametrize("name", ["steps", "batch", "evaluate_every", "held_out"])
    def test_nonsense_is_refused(self, name):
        with pytest.raises(ConfigError, match=f"{name} must be at least 1, not 0"):
            Setting(**{name: 0})


@pytest.mark.slow
class TestTheCommand:
    ASKED = ("compare-forcing", "--steps", "2", "--batch", "3", "--held-out", "2", "--evaluate-every", "1")

    def test_it_writes_one_object_a_line(self, tmp_path):
        out = tmp_path / "run.jsonl"
        assert main([*self.ASKED, "--seed", "4", "--out", str(out)]) == 0
        start, *points, end = map(json.loads, out.read_text(encoding="utf-8").splitlines())
        assert (start["steps"], start["seed"], start["torch"]) == (2, 4, torch.__version__)
        assert time.strptime(start["date"], "%Y-%m-%d")
        assert len(points) == 6
        assert end == {"kind": "end", "reason": "done"}

    def test_a_limit_ends_it(self):
        file = io.StringIO()
        compare._write(file, forcing_run(TINY), 0.0)
        assert json.loads(file.getvalue().splitlines()[-1]) == {"kind": "end", "reason": "limit"}

    def test_nonsense_is_said_and_not_run(self, capsys):
        assert main(["compare-forcing", "--steps", "0"]) == 2
        assert "steps must be at least 1" in capsys.readouterr().err

    def test_it_dies_with_the_process_that_holds_its_input(self):
        command = [sys.executable, "-m", "transformer_core.training", "compare-forcing", "--end-with-input"]
        with subprocess.Popen(
            [*command, "--steps", "100000"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["kind"] == "start"
            process.stdin.close()
            assert process.wait(60) == 1
