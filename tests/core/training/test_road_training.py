"""The one training command makes the ancestors, too: counts, chains, windows and word vectors, in folders that open."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.core.training_samples import write_texts
from transformer_core.ancestors.growth import read_growth
from transformer_core.ancestors.word2vec import CBOWConfig
from transformer_core.glass.errors import AbilityError, CheckpointError
from transformer_core.glass.files import stored
from transformer_core.glass.formulas import difference
from transformer_core.glass.trace import Trace
from transformer_core.models import files
from transformer_core.models.files import TARGET_TOKENIZER, load_model, road_models
from transformer_core.training.__main__ import main
from transformer_core.training.export import export
from transformer_core.training.presets import make_recipe
from transformer_core.training.recipe import PULLED
from transformer_core.training.road.vectors import _batches
from transformer_core.training.tasks import scorer, tokenizers_of

SHARED = stored.BUNDLED / "stories-en" / TARGET_TOKENIZER
TEXT = "Tom went to the garden."
TINY = ["--d-model", "8", "--d-ff", "8", "--max-length", "24", "--batch-tokens", "240", "--peak-rate", "0.02"]

pytestmark = pytest.mark.slow


def trained(folder: Path, family: str) -> Path:
    """The folder of a tiny training of this family on the invented stories."""
    data, out = str(write_texts(folder / "stories.txt")), folder / family
    asked = ["train", "--preset", f"{family}-en", "--data", data, "--out", str(out), "--precision", "float32", *TINY]
    if family in PULLED:
        watched = folder / "groups.txt"
        watched.write_text("people: Tom dragon\nplaces: garden\n", encoding="utf-8")
        asked += ["--epochs", "8", "--target-vocab-size", "20", "--peak-rate", "0.1", "--subsample", "1"]
        asked += ["--watch", str(watched)]
    else:
        asked += ["--tokenizer", str(SHARED), "--dev", data, "--steps", "12", "--warmup-steps", "2"]
    assert main(asked) == 0
    return out


@pytest.mark.parametrize("family", ["ngram", "nnlm", "gru"])
def test_what_tells_the_next_word_is_trained_bundled_scored_and_written_on(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, bundle = trained(tmp_path, family), tmp_path / "models"
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    found = next(line for line in lines if line["kind"] == "dev")
    assert 0 < found["bits_per_character"] < 3.5
    export(out, bundle / "road" / "one", tokenizer_of="stories-en")
    assert not (bundle / "road" / "one" / TARGET_TOKENIZER).exists()
    (bundle / "stories-en").symlink_to(stored.BUNDLED / "stories-en")
    for module in (files, stored):
        monkeypatch.setattr(module, "BUNDLED", bundle)
    assert road_models() == ("one",)
    glass = load_model("one")
    assert glass.abilities == {"writes", "predicts_next"}
    score, trace = glass.score(TEXT), glass.trace(TEXT)
    wanted = [trace["head.probs"][t, i] for t, i in enumerate(trace.written_ids[:-1])]
    np.testing.assert_allclose(score.log_probs[:-1], np.log(wanted), rtol=0, atol=1e-4)
    assert len(glass.decode(TEXT, max_length=12).ids) > 5
    path = tmp_path / "trace.npz"
    trace.save(path)
    assert path.stat().st_size < (bundle / "road" / "one" / "model.safetensors").stat().st_size + 20 * trace.nbytes
    assert max(difference(Trace.load(path), key) for key in trace) < 1e-5


@pytest.mark.parametrize("family", PULLED)
def test_word_vectors_are_trained_and_words_in_the_same_places_are_near(family: str, tmp_path: Path) -> None:
    out = trained(tmp_path, family)
    export(out, tmp_path / "vectors")
    glass = load_model(tmp_path / "vectors")
    growth, table = read_growth(tmp_path / "vectors"), glass.model.get_parameter("embed.W_E").detach()
    assert growth is not None
    assert (growth.words, growth.shares[0], growth.shares[-1]) == (("tom", "garden"), 0, 1)
    last = table[[glass.target_tokenizer.id_of(word) for word in growth.words]]
    np.testing.assert_allclose(growth.rows[-1], last, rtol=1e-3, atol=1e-3)
    assert np.abs(growth.rows[0]).max() <= 0.5 / table.shape[1] + 1e-3
    assert (glass.abilities, isinstance(glass.config, CBOWConfig)) == ({"vectors"}, family == "word2vec-cbow")
    trace = glass.trace("Tom went to the unknown garden.")
    assert trace.words_of("target").texts == ("tom", "went", "to", "the", "garden")
    with pytest.raises(AbilityError, match="vectors"):
        glass.score(TEXT)
    with pytest.raises(CheckpointError, match="not that of stories-en"):
        export(out, tmp_path / "other", tokenizer_of="stories-en")
    losses = [json.loads(line)["loss"] for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert losses[-1] < 0.9 * losses[0]


def test_chinese_words_are_found_counted_and_vectors_of_them_trained(tmp_path: Path) -> None:
    data, out = tmp_path / "chinese.txt", tmp_path / "vectors"
    lines = "我要三个苹果。 我去学校。 我们要去学校。 我吃苹果。 他们要去图书馆。 我去图书馆。 他们要吃苹果。"
    data.write_text("\n".join(lines.split() * 5), encoding="utf-8")
    asked = ["train", "--preset", "word2vec-zh", "--data", str(data), "--out", str(out), *TINY, "--epochs", "2"]
    assert main(asked) == 0
    glass = load_model(out / "model")
    trace = glass.trace("我要三个苹果，他们去图书馆！")
    assert trace.words_of("target").texts == ("我", "要", "三", "个", "苹果", "他们", "去", "图书馆")
    counts = dict(zip(glass.target_tokenizer.words, glass.target_tokenizer.counts, strict=True))
    assert (counts["要"], counts["苹果"], counts["三"]) == (20, 15, 5)
    assert "我要" not in counts  # together hardly more often than by chance


@pytest.mark.parametrize("bag", [False, True])
def test_a_window_reaches_into_no_other_text(bag: bool) -> None:
    recipe = make_recipe("word2vec-en", window=2)
    ids = np.array([3, 4, 5, 6, -1, 7, -1, 8, 9, -1])
    batches = list(_batches(ids, recipe, np.random.default_rng(0), bag=bag))
    pairs = [(one, int(other)) for read, near in batches for one, other in zip(read.tolist(), near, strict=True)]
    near = {(word, other) for words, other in pairs for word in (words if bag else [words]) if word >= 0}
    assert {(4, 3), (3, 4), (8, 9), (9, 8)} <= near
    assert all(abs(one - other) in (1, 2) for one, other in near)
    assert not {6, 7, 8} <= {word for pair in near if 7 in pair for word in pair}
    assert all(7 not in pair for pair in near)


def test_chains_from_both_ends_are_trained_and_share_a_tokenizer(tmp_path: Path) -> None:
    data, out = str(write_texts(tmp_path / "stories.txt")), tmp_path / "two-way"
    asked = ["train", "--task", "two-way", "--data", data, "--dev", data, "--tokenizer", str(SHARED), "--out", str(out)]
    assert main([*asked, "--precision", "float32", *TINY, "--steps", "12", "--warmup-steps", "2"]) == 0
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    found = next(line for line in lines if line["kind"] == "dev")
    export(out, tmp_path / "one", tokenizer_of="stories-en")
    glass = load_model(tmp_path / "one")
    assert max(found["nats_ahead"], found["nats_back"]) < np.log(glass.config.vocab_size)
    ids, trace = glass.source_ids(TEXT), glass.trace(TEXT)
    document = tmp_path / "one.txt"
    document.write_text(TEXT + "\n", encoding="utf-8")
    told = scorer(make_recipe("bilm-en"), tokenizers_of(glass), document)(glass.model)
    for name, head, asked_ids, answers in (
        ("nats_ahead", "head", range(len(ids) - 1), ids[1:]),
        ("nats_back", "back_head", range(1, len(ids)), ids[:-1]),
    ):
        nats = [-np.log(trace[f"{head}.probs"][t, i]) for t, i in zip(asked_ids, answers, strict=True)]
        assert told[name] == pytest.approx(np.mean(nats), abs=1e-4)


def test_copying_is_trained_scored_by_whole_sentences_and_keeps_its_marks(tmp_path: Path) -> None:
    data, out = tmp_path / "copies.tsv", tmp_path / "copies"
    data.write_text("".join(f"{s}\t{s}\n" for s in ("Come here.", "Sit down.", "Look up.", "We won.")) * 8, "utf-8")
    asked = ["train", "--preset", "copy-attention-32", "--data", str(data), "--dev", str(data), "--out", str(out)]
    changes = ["--steps", "120", "--source-vocab-size", "370", "--target-vocab-size", "370", "--peak-rate", "0.02"]
    assert main([*asked, "--precision", "float32", *changes, "--warmup-steps", "5", "--average-decay", "0.9"]) == 0
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert next(line for line in lines if line["kind"] == "dev")["whole"] == 100
    glass = load_model(out / "model")
    assert (glass.abilities, glass.config.tie_embeddings) == ({"writes", "translates"}, True)
    assert glass.translate("Sit down.").text == "Sit down."
