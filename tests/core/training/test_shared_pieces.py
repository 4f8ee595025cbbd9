"""One set of pieces for two languages: cut alike, each by its own rule for words; and a training that ties them."""

from __future__ import annotations

from pathlib import Path

import pytest

from transformer_core.glass.errors import ConfigError
from transformer_core.models.files import load_model
from transformer_core.text.shared_pieces import split_words, train_shared
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.__main__ import main
from transformer_core.training.presets import make_recipe

LINES = {
    "en": ["I don't see the man.", "The man sees Anna and the water."] * 8,
    "fr": ["Je ne vois pas l'homme.", "L'homme voit Anna et l'eau aujourd'hui."] * 8,
}


@pytest.fixture(scope="module")
def both() -> dict[str, Tokenizer]:
    return train_shared(LINES, 430)


def test_a_name_is_cut_alike_and_an_id_is_one_piece_in_both(both: dict[str, Tokenizer]) -> None:
    for name in ("Anna", "Zorbelix", "Kannavo"):
        assert both["en"].encode(name) == both["fr"].encode(name)
    assert both["en"].vocab_size == both["fr"].vocab_size <= 430
    everything = list(range(259, both["en"].vocab_size))
    assert [both["en"].pieces([i]) for i in everything] == [both["fr"].pieces([i]) for i in everything]


def test_each_language_keeps_its_words_and_what_it_has_seen(both: dict[str, Tokenizer]) -> None:
    assert both["fr"].pieces(both["fr"].encode("L'homme"))[0] == "L'"
    assert both["en"].unseen("The man voit.") == ("voit",)
    assert both["fr"].unseen("L'homme sees.") == ("sees",)
    for text in ("I do not see l'eau 漢.", "aujourd'hui"):
        assert all(one.decode(one.encode(text)) == text for one in both.values())


def test_one_language_alone_gets_the_pieces_that_it_would_get_anyway() -> None:
    alone = Tokenizer.train_bpe(LINES["fr"], 400, language="fr")
    shared = train_shared({"fr": LINES["fr"]}, 400)["fr"]
    every = list(range(alone.vocab_size))
    assert shared.pieces(every) == alone.pieces(every)
    assert shared.encode(LINES["fr"][1]) == alone.encode(LINES["fr"][1])


def test_words_are_split_as_the_pieces_see_them() -> None:
    assert list(split_words(["Don't go!", ""], "en")) == [[" Do", " not", " go", "!"], [" "]]
    with pytest.raises(ConfigError, match="byte-pair pieces are for en, fr, not for 'zh'"):
        list(split_words(["你好"], "zh"))


def test_too_few_pieces_and_chinese_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"vocab_size is 300, but [0-9]+ are needed"):
        train_shared(LINES, 300)
    with pytest.raises(ConfigError, match="two languages that are cut by BPE"):
        make_recipe("zh-en", tie_embeddings=True)


@pytest.mark.slow
def test_a_training_with_one_embedding_writes_a_model_that_has_one(tmp_path: Path) -> None:
    data = tmp_path / "pairs.tsv"
    lines = [f"{one}\t{other}" for one, other in zip(LINES["en"], LINES["fr"], strict=True)]
    data.write_text("\n".join(lines), encoding="utf-8")
    shape = "--d-model 16 --n-heads 2 --d-ff 16 --n-encoder-layers 1 --n-decoder-layers 1 --source-vocab-size 420"
    command = ["train", "--preset", "en-fr", "--data", str(data), "--out", str(tmp_path / "out"), "--steps", "2"]
    assert main([*command, *shape.split(), "--tie-embeddings"]) == 0
    glass = load_model(tmp_path / "out" / "model")
    assert glass.config.embedding.tied
    assert glass.config.source_vocab_size == glass.config.target_vocab_size <= 420
    assert glass.translate("I see Anna.").text is not None
