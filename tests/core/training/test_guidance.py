"""Words aligned from pairs alone, and attention that is guided by them in training."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch

from tests.core.tiny import make_config
from transformer_core.glass.errors import ConfigError
from transformer_core.glass.hooks import listening
from transformer_core.models.files import load_model
from transformer_core.studies.heads.word_links import LinkedSentence
from transformer_core.training.__main__ import main
from transformer_core.training.classroom.check import alignment_by_layer
from transformer_core.training.data.pairs import Batches
from transformer_core.training.data.word_alignment import NO_WORD, align, by_word
from transformer_core.training.presets import make_recipe
from transformer_core.training.steps.trainer import Objective, unguided
from transformer_core.training.tasks import make_tokenizers
from transformer_core.transformer.model import Transformer

WORDS = {"red": "rouge", "big": "grand", "cat": "chat", "dog": "chien", "sees": "voit", "eats": "mange", "old": "vieux"}


def pairs(count: int, *, shuffled: bool = False) -> list[tuple[list[int], list[int]]]:
    """Sentences of a language in which word n is n + 20, in the same order or in any."""
    dice = random.Random(1)
    made = []
    for _ in range(count):
        source = dice.sample(range(10), dice.randint(2, 6))
        target = [word + 20 for word in source]
        made.append((source, dice.sample(target, len(target)) if shuffled else target))
    return made


@pytest.mark.parametrize("shuffled", [False, True])
def test_words_that_belong_together_are_found_in_any_order(shuffled: bool) -> None:
    known = pairs(400, shuffled=shuffled)
    links = align(known)
    right = [[source.index(word - 20) for word in target] for source, target in known]
    found = [
        (link, place) for one, other in zip(links, right, strict=True) for link, place in zip(one, other, strict=True)
    ]
    assert sum(link == place for link, place in found) / len(found) > 0.97


def test_a_word_without_a_counterpart_stays_without() -> None:
    known = [(source, [*target[:1], 99, *target[1:]]) for source, target in pairs(400)]  # 99 is in every translation
    links = align(known)
    assert sum(one[1] == NO_WORD for one in links) > 0.9 * len(links)
    assert sum(one[0] == 0 for one in links) > 0.9 * len(links)


def test_the_pieces_of_a_word_look_where_its_first_linked_piece_looks() -> None:
    links = [4, NO_WORD, 2, NO_WORD, NO_WORD, 0, 3]
    words = [(0, 2), (2, 4), (4, 5), (5, 7)]
    assert by_word(links, words) == [4, 4, 2, 2, NO_WORD, 0, 0]


def test_attention_on_the_linked_words_costs_nothing_and_elsewhere_much() -> None:
    weights = torch.zeros(1, 2, 3, 4)
    weights[:, :, 0, 1] = weights[:, :, 1, 3] = 1.0
    weights[:, 0, 2, 0] = weights[:, 1, 2, 2] = 1.0
    assert unguided(weights, torch.tensor([[1, 3, NO_WORD]])) == 0
    assert unguided(weights, torch.tensor([[NO_WORD, NO_WORD, 2]])).item() == pytest.approx(0.6931, abs=1e-4)
    assert unguided(weights, torch.tensor([[0, NO_WORD, NO_WORD]])).item() > 10


def test_the_training_that_listens_takes_the_fused_kernels_result() -> None:
    torch.manual_seed(0)
    model = Transformer(make_config(dropout=0.0, attention_dropout=0.0)).train()
    source, target = torch.randint(3, 11, (2, 5)), torch.randint(3, 11, (2, 4))
    fused = model.features(source, target)
    with listening(lambda _, x: x):
        explicit = model.features(source, target)
    assert torch.allclose(fused, explicit, atol=1e-5)
    objective = Objective(model, 0.1, guidance=0.0)
    links = torch.zeros(2, 4, dtype=torch.long)
    assert objective(source, target, target, links).item() == pytest.approx(
        objective(source, target, target).item(), rel=1e-5
    )
    guided = Objective(model, 0.1, guidance=2.0)(source, target, target, links)
    seen = dict[str, torch.Tensor]()
    with listening(lambda key, x: seen.setdefault(key, x)):
        model.features(source, target)
    last = seen[f"decoder.{model.config.n_decoder_layers - 1}.cross_attn.weights"]
    added = guided.item() - objective(source, target, target).item()
    assert added == pytest.approx(2 * unguided(last, links).item(), rel=1e-4)


def test_a_dropped_final_mark_takes_its_link_with_it() -> None:
    lines = [("The cat eats.", "Le chat mange."), ("A dog.", "Un chien.")] * 20
    read, written = make_tokenizers(lines, make_recipe("en-fr", source_vocab_size=400, target_vocab_size=400))
    linked = Batches(lines, read, written, batch_tokens=300, max_length=64, seed=1, drop_final_mark=0.5, linked=True)
    plain = Batches(lines, read, written, batch_tokens=300, max_length=64, seed=1, drop_final_mark=0.5)
    assert linked.fingerprint == plain.fingerprint
    seen = set()
    for batch, other in zip(linked.epoch(0), plain.epoch(0), strict=True):
        assert other.links is None
        assert batch.links is not None
        assert torch.equal(batch.source, other.source)
        assert batch.links.shape == batch.target_out.shape
        last = (batch.source != 0).sum(1) - 1  # the place of </s>
        assert bool((batch.links < last[:, None]).all())
        assert bool((batch.links[batch.target_out <= 2] == NO_WORD).all())
        seen |= set(batch.links.flatten().tolist())
    assert len(seen) > 3


@pytest.mark.slow
def test_guided_training_turns_the_last_cross_attention_to_the_right_words(tmp_path: Path) -> None:
    dice = random.Random(3)
    lines = []
    for _ in range(300):
        chosen = dice.sample(sorted(WORDS), dice.randint(2, 5))
        lines.append((" ".join(chosen), " ".join(WORDS[word] for word in [*chosen[-1:], *chosen[:-1]])))
    data = tmp_path / "pairs.tsv"
    data.write_text("\n".join("\t".join(line) for line in lines), encoding="utf-8")
    shape = "--d-model 32 --n-heads 2 --d-ff 32 --n-encoder-layers 1 --n-decoder-layers 1 --steps 250 --warmup-steps 10"
    shape += " --batch-tokens 200 --source-vocab-size 420 --target-vocab-size 420 --peak-rate 1e-2 --seed 5 --dropout 0"
    shape += " --average-decay 0.9"
    shares = {}
    for guidance in ("0", "2"):
        out = tmp_path / guidance
        command = ["train", "--preset", "en-fr", "--data", str(data), "--out", str(out), "--guidance", guidance]
        assert main([*command, *shape.split()]) == 0
        assert json.loads((out / "recipe.json").read_text(encoding="utf-8"))["guidance"] == float(guidance)
        glass = load_model(out / "model")
        linked = [
            LinkedSentence(one, other, tuple(((word,), (WORDS[word],)) for word in one.split()))
            for one, other in lines[:20]
        ]
        sentences = [one.aligned(glass.source_tokenizer, glass.target_tokenizer) for one in linked]
        shares[guidance] = alignment_by_layer(glass, sentences)[0, -1]
    assert shares["2"] > 0.9 > 0.8 > shares["0"]  # without it 0.5 to 0.7, as the processor rounds


def test_texts_have_no_links() -> None:
    with pytest.raises(ConfigError, match="guidance needs pairs"):
        make_recipe("stories-en", guidance=0.1)
