"""Texts are cut into the ids that the family's own tokenizer gives, and shown as words."""

import warnings

import pytest

from tests.core.hub import save_variant
from tests.core.hub_tokenizers import HOSTILE, LINES, hostile_texts
from transformer_core.models.files import load_model, save_model
from transformer_core.text.hub_tokenizer import load_tokenizer

KINDS = ["gpt2", "bert", "roberta", "marian", "t5", "llama"]

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module", params=KINDS)
def pair(request, tmp_path_factory):
    """Ours, theirs, and the folder."""
    from transformers import AutoTokenizer

    folder = tmp_path_factory.mktemp(request.param.replace(" ", "-"))
    save_variant(request.param, folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that sacremoses would be good to have
        theirs = AutoTokenizer.from_pretrained(folder)
    return load_model(folder), theirs, folder


def test_ids_of_a_thousand_hostile_texts_are_those_of_the_family(pair):
    glass, theirs, _ = pair
    tokenizer = glass.task.side.tokenizer
    before, behind = (tokenizer.before, tokenizer.behind) if glass.config.has_encoder else (tokenizer.start, ())
    texts = hostile_texts(1000)
    assert len(set(texts)) == 1000
    wrong = {
        text: (ours, wanted)
        for text in texts
        if (ours := [*before, *tokenizer.encode(text), *behind]) != (wanted := theirs(text)["input_ids"])
    }
    assert wrong == {}


def test_every_piece_is_shown_and_what_is_unknown_is_flagged(pair):
    glass, theirs, _ = pair
    tokenizer = glass.task.side.tokenizer
    for text in HOSTILE + LINES[:5]:
        ids = tokenizer.encode(text)
        shown = tokenizer.pieces(ids)
        assert len(shown) == len(ids)
        assert all(shown)
        assert not any("\u0120" in word or "\u2581" in word for word in shown if text.isascii())
        byte_level = tokenizer.engine.style == "bytes"  # bytes spell everything
        unknown = [i == theirs.unk_token_id and not byte_level for i in ids]
        assert list(tokenizer.unseen_flags(text)) == unknown
        assert bool(tokenizer.unseen(text)) == any(unknown)


def test_texts_come_back(pair):
    glass, theirs, _ = pair
    tokenizer = glass.task.side.tokenizer
    for text in LINES[:5]:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == theirs.decode(ids, skip_special_tokens=True)


def test_signs_are_those_that_the_files_name(pair):
    glass, theirs, _ = pair
    assert glass.task.side.tokenizer.special_ids >= set(theirs.all_special_ids)
    assert glass.task.side.tokenizer.mask_id == theirs.mask_token_id


def test_our_own_files_keep_it(pair, tmp_path):
    glass, _, _ = pair
    save_model(tmp_path, glass.model, glass.source_tokenizer, glass.target_tokenizer)
    again = load_model(tmp_path)
    for text in HOSTILE:
        assert again.task.side.tokenizer.encode(text) == glass.task.side.tokenizer.encode(text)
    assert again.task.side.tokenizer.signs == glass.task.side.tokenizer.signs
    assert again.abilities == glass.abilities
    file = next(tmp_path.glob("*_tokenizer.json"))
    assert load_tokenizer(file).vocab_size == glass.task.side.tokenizer.vocab_size


def test_half_a_surrogate_pair_is_a_replaced_character(pair):
    glass, _, _ = pair
    tokenizer = glass.task.side.tokenizer
    assert tokenizer.encode("a\ud800b") == tokenizer.encode("a\ufffdb")


@pytest.mark.parametrize("name", ["bert", "roberta", "t5", "gpt2", "marian"])
def test_signs_that_no_file_names_are_those_of_the_family(name, tmp_path):
    save_variant(name, tmp_path)
    named = load_model(tmp_path)
    (tmp_path / "tokenizer_config.json").unlink()
    unnamed = load_model(tmp_path)
    assert unnamed.task.side.tokenizer.signs == named.task.side.tokenizer.signs
    assert unnamed.abilities == named.abilities
    assert unnamed.config == named.config
