"""Tokenizers: nothing is lost, words stay whole, and one documented normalisation."""

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transformer_core.glass.errors import ConfigError
from transformer_core.text.base import LONE_SPACE
from transformer_core.text.normalise import normalise
from transformer_core.text.pieces import RESERVED
from transformer_core.text.tokenizer import Tokenizer

CHINESE = ["我可以用吗？", "他在2019年买了一本书。", "Tom 是老师。"]
ENGLISH = ["The cat sat on the mat.", "Tom's cat is singing at 3 o'clock.", "I don't know the singer."] * 20
FRENCH = ["L'homme n'est pas là aujourd'hui.", "Où est l'homme ?", "Il a vu l'enfant."] * 20

TOKENIZERS = {
    "zh": Tokenizer.train_characters(CHINESE),
    "en": Tokenizer.train_bpe(ENGLISH, 420, language="en"),
    "fr": Tokenizer.train_bpe(FRENCH, 400, language="fr"),
}
ANY_TEXT = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.characters(), max_size=20),  # lone surrogates too
    st.text(alphabet=" \u2581'\u2019\t\n\x00\u0301Tthe<>s/0xF\U0001f600\u6211", max_size=30),
    st.lists(st.sampled_from(["<s>", "</s>", "<pad>", "<0xF0>", "it's", "I'd've", " ", "Tom's", "\ud800"])).map(
        "".join
    ),
)


@pytest.fixture(params=["zh", "en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn."""
    return str(request.param)


@pytest.fixture(params=["trained", "loaded"])
def any_tokenizer(request: pytest.FixtureRequest, language: str, tmp_path: Path) -> Tokenizer:
    """Each tokenizer, as trained and after a way through its file."""
    return TOKENIZERS[language] if request.param == "trained" else reloaded(TOKENIZERS[language], tmp_path)


def reloaded(tokenizer: Tokenizer, folder: Path) -> Tokenizer:
    """The tokenizer that comes back from a file."""
    tokenizer.save(folder / "tokenizer.json")
    return Tokenizer.load(folder / "tokenizer.json")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tokenizer]:
    """Every tokenizer after a way through its file."""
    return {name: reloaded(one, tmp_path_factory.mktemp(name)) for name, one in TOKENIZERS.items()}


@pytest.mark.slow
@settings(deadline=None)  # a busy machine is no failure
@given(text=ANY_TEXT, name=st.sampled_from(sorted(TOKENIZERS)))
@example(text="\u2581a \u2581 \u2581", name="en")
@example(text="\ud83d\ude00", name="zh")
@example(text="e\u0301\u00e9", name="fr")
@example(text="", name="en")
def test_no_character_is_lost(loaded: dict[str, Tokenizer], text: str, name: str) -> None:
    """Encoding and decoding gives back the normalised text, before and after a way through a file."""
    for tokenizer in (TOKENIZERS[name], loaded[name]):
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == tokenizer.normalise(text)
        assert min(ids, default=3) >= 3, "text became a special piece"
        assert len(tokenizer.pieces(ids)) == len(ids)
        assert all(tokenizer.pieces(ids))
        assert len(tokenizer.unseen_flags(text)) == len(ids)
        assert any(tokenizer.unseen_flags(text)) == bool(tokenizer.unseen(text))
    assert loaded[name].encode(text) == TOKENIZERS[name].encode(text)
    assert loaded[name].unseen(text) == TOKENIZERS[name].unseen(text)


@settings(deadline=None)  # a busy machine is no failure
@given(text=ANY_TEXT, name=st.sampled_from(sorted(TOKENIZERS)))
def test_normalising_twice_changes_nothing_more(text: str, name: str) -> None:
    """Normalised text is in NFC, without double spaces and lone surrogates, and stays as it is."""
    once = normalise(text, name)
    assert normalise(once, name) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once
    assert once.encode("utf-8").decode("utf-8") == once  # no surrogate is left


@settings(deadline=None)  # a busy machine is no failure
@given(ids=st.lists(st.integers(0, 400), max_size=30), name=st.sampled_from(sorted(TOKENIZERS)))
def test_any_ids_can_be_decoded_and_shown(ids: list[int], name: str) -> None:
    """What an untrained model writes is shown as well: broken bytes become U+FFFD."""
    tokenizer = TOKENIZERS[name]
    ids = [index % tokenizer.vocab_size for index in ids]
    assert "\ufffd" not in tokenizer.decode([index for index in ids if index > 258])
    assert all(tokenizer.pieces(ids))


def test_typed_special_pieces_stay_text(any_tokenizer: Tokenizer) -> None:
    """A typed special or byte piece is ordinary characters, also after loading."""
    for text in ("<s>", "</s>", "<pad>", "<0xF0>", "a<s>b", "<s> Tom </s>"):
        ids = any_tokenizer.encode(text)
        assert min(ids) >= len(RESERVED), text
        assert any_tokenizer.decode(ids) == text


def test_ids_of_special_and_byte_pieces(any_tokenizer: Tokenizer) -> None:
    """The reserved ids are the same in every tokenizer."""
    assert (any_tokenizer.pad_id, any_tokenizer.bos_id, any_tokenizer.eos_id) == (0, 1, 2)
    assert any_tokenizer.pieces([0, 1, 2, 3, 258]) == ("<pad>", "<s>", "</s>", "<0x00>", "<0xFF>")
    assert any_tokenizer.decode([1, *any_tokenizer.encode("Tom"), 2, 0, 0]) == "Tom"


def test_emoji_are_byte_pieces(any_tokenizer: Tokenizer) -> None:
    """An emoji that training never saw is shown as its four UTF-8 bytes."""
    pieces = any_tokenizer.pieces(any_tokenizer.encode("a\U0001f600"))
    assert pieces[-5:] == ("a", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>")


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("zh", "我可以 用吗？", ("我", "可", "以", LONE_SPACE, "用", "吗", "？")),
        ("zh", "2019年", ("2", "0", "1", "9", "年")),
        ("zh", "Tom", ("T", "o", "m")),
        ("en", "the cat, the mat.", ("the", "cat", ",", "the", "mat", ".")),
        ("en", "Tom's cat at 3 o'clock", ("Tom", "'s", "cat", "at", "3", "o'clock")),
        ("en", "at 3987", ("at", "3", "9", "8", "7")),
        ("en", "singer cats", ("singer", "cat", "##s")),
        ("en", "cat \u2581", ("cat", LONE_SPACE, "<0xE2>", "<0x96>", "<0x81>")),
        ("fr", "l'homme", ("l'", "homme")),
        ("fr", "L'homme n'est pas là", ("L'", "homme", "n'", "est", "pas", "là")),
        ("fr", "l\u2019homme aujourd\u2019hui ?", ("l'", "homme", "aujourd'hui", "?")),
    ],
)
def test_pieces_are_readable(language: str, text: str, pieces: tuple[str, ...]) -> None:
    """Words are whole, without their space; only what continues a word has a ##."""
    tokenizer = TOKENIZERS[language]
    assert tokenizer.pieces(tokenizer.encode(text)) == pieces


def test_a_word_is_one_id_anywhere() -> None:
    """The first word of a text is the same piece as later ones."""
    first, second = TOKENIZERS["en"].encode("cat cat")
    assert first == second


def test_no_piece_crosses_from_a_word_into_punctuation() -> None:
    """No learned piece has letters and marks together, except for apostrophes that belong to words."""
    for name in ("en", "fr"):
        tokenizer = TOKENIZERS[name]
        for piece in tokenizer.pieces(range(len(RESERVED), tokenizer.vocab_size)):
            word = piece.removeprefix("##").replace("'", "")
            assert word.isalpha() or len(word) <= 1, piece


@pytest.mark.parametrize(
    ("language", "text", "unseen"),
    [
        ("zh", "我可以龍龍\U0001f600 吗", ("龍", "\U0001f600")),
        ("en", "The dog and the dog's singer", ("dog", "and")),
        ("en", "The cat \U0001f600", ("\U0001f600",)),
        ("en", "I don't know", ()),
        ("fr", "l'homme, l'oiseau", (",", "oiseau")),
        ("fr", "  ", ()),
    ],
)
def test_unseen_words(tmp_path: Path, language: str, text: str, unseen: tuple[str, ...]) -> None:
    """Words and characters that training never saw are named once each, in order, also after loading."""
    assert TOKENIZERS[language].unseen(text) == unseen
    assert reloaded(TOKENIZERS[language], tmp_path).unseen(text) == unseen


def test_unseen_ids_are_flagged() -> None:
    """Every id of an unseen word is flagged, and no other one."""
    assert TOKENIZERS["zh"].unseen_flags("我龍 吗") == (False, True, True, True, False, False)
    text = "l'homme a vu l'oiseau"
    pieces = TOKENIZERS["fr"].pieces(TOKENIZERS["fr"].encode(text))
    flags = TOKENIZERS["fr"].unseen_flags(text)
    assert pieces[:6] == ("l'", "homme", "a", "vu", "l'", "o")
    assert flags == (False,) * 5 + (True,) * (len(pieces) - 5)


def test_full_width_punctuation_stays() -> None:
    """No compatibility normalisation: it would turn Chinese punctuation into ASCII."""
    assert normalise("\u4f60\uff1f\uff01\uff0c", "zh") == "\u4f60\uff1f\uff01\uff0c"


def test_vocabulary_size_is_kept() -> None:
    """There are at most as many pieces as asked for, and an impossible number is refused."""
    assert TOKENIZERS["en"].vocab_size <= 420
    assert max(TOKENIZERS["en"].encode(ENGLISH[0])) < TOKENIZERS["en"].vocab_size
    with pytest.raises(ConfigError, match="vocab_size is 300"):
        Tokenizer.train_bpe(ENGLISH, 300, language="en")
    with pytest.raises(ConfigError, match="'de'"):
        Tokenizer.train_bpe(ENGLISH, 400, language="de")


def test_needs_no_torch() -> None:
    """A tokenizer loads without torch."""
    code = "import sys, transformer_core.text.tokenizer; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_hidden_word_is_a_special_piece_for_whoever_asks(tmp_path: Path) -> None:
    """[MASK] is the fourth special piece; typed, it is five ordinary characters and more, unless that is asked for."""
    made = Tokenizer.train_bpe(ENGLISH, 420, language="en", mask=True)
    for tokenizer in (made, reloaded(made, tmp_path)):
        assert tokenizer.mask_id == 3
        assert tokenizer.pieces([3, 4, 259]) == ("[MASK]", "<0x00>", "<0xFF>")
        text = "The [MASK] sat on [MASK]."
        ids = tokenizer.encode(text, masks=True)
        assert [index for index in ids if index < 260] == [3, 3]
        assert ids[0] == tokenizer.encode("The")[0]
        assert tokenizer.decode(ids) == text
        assert tokenizer.pieces(ids) == ("The", "[MASK]", "sat", "on", "[MASK]", ".")
        assert tokenizer.unseen(text, masks=True) == ()
        assert tokenizer.unseen_flags("A [MASK] sat", masks=True)[-3:] == (True, False, False)
        plain = tokenizer.encode(text)
        assert min(plain) >= 260
        assert tokenizer.decode(plain) == text
        assert tokenizer.encode("[MASK]", masks=True) == [3]
        assert tokenizer.encode("the[MASK][MASK]", masks=True) == [*tokenizer.encode("the"), 3, 3]


def test_a_tokenizer_without_hidden_words_refuses_them() -> None:
    assert TOKENIZERS["en"].mask_id is None
    with pytest.raises(ConfigError, match=r"this en tokenizer has no \[MASK\]"):
        TOKENIZERS["en"].encode("The [MASK]", masks=True)
