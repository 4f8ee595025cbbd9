"""The words of the app: the same in both languages, every one there that the code asks for, and none in the code."""

from __future__ import annotations

import inspect
import re
from string import Formatter
from typing import get_args

import pytest

from tests.core.tiny import VARIANTS, make_config
from tests.ui.code import FORM, asked, files, raised, sections, strings
from transformer_core.decoding import errors as decoding_errors
from transformer_core.edits import errors as edit_errors
from transformer_core.glass import errors
from transformer_core.glass.errors import EmptyTextError, GlassformerError, TextTooLongError, UnknownModelError
from transformer_core.glass.formula.operations import OPERATIONS
from transformer_core.glass.formulas import all_formulas
from transformer_core.glass.sites import all_parameters, all_sites
from transformer_core.glass.walks import attention_kinds
from transformer_core.models.files import bundled_models, load_model, road_models
from transformer_core.studies import errors as study_errors
from transformer_core.text.incoming import NoteCode
from transformer_core.transformer.blocks import EmbeddingConfig, Rotary
from transformer_core.transformer.plans import transformer_plan
from ui.frame.text import LANGUAGES, escape, say_error, section, t, texts
from ui.frame.wording import fitting, said
from ui.state.places import HEADS, place_of
from ui.state.road import page_of_model
from ui.state.values import PARAMETER

ERRORS = [
    cls
    for module in (errors, decoding_errors, edit_errors, study_errors)
    for _, cls in inspect.getmembers(module, inspect.isclass)
    if issubclass(cls, GlassformerError) and cls.__module__ == module.__name__
]
APP = files("ui", "pages")
HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z]{2,}[,;:]? [a-z]{2,}")
# Keys made of an identifier of the code; every identifier needs its text.
PLANS = [
    transformer_plan(config)
    for config in [
        make_config(architecture=architecture, norm_position=norm, positions=positions, activation=activation)
        for architecture in ("encoder-decoder", "encoder-only", "decoder-only")
        for norm in ("post", "pre")
        for positions in ("sinusoidal", "learned")
        for activation in ("relu", "gelu", "gelu_tanh")
    ]
    + [make_config(architecture="encoder-only", head_transform=True)]
    + [
        *VARIANTS.values(),
        make_config("encoder-only", positions=Rotary(), embedding=EmbeddingConfig(segments=2)),
    ]
]
ROAD_PLANS = [load_model(name).plan for name in road_models() if page_of_model(name)]  # those that a page shows
ROAD_PLANS += [load_model(f"ngram-en~3~{way}").plan for way in ("interpolation", "back_off")]
ROAD_PLANS += [load_model("ngram-en~3~add_k~1").plan]
PLANS += ROAD_PLANS
KINDS = {formula.kind for plan in PLANS for formula in all_formulas(plan).values()} | {PARAMETER}
STAGES = {place_of(plan, site.key).stage for plan in PLANS for site in all_sites(plan)} | {
    HEADS,
    PARAMETER,
}
LETTERS = {letter for plan in PLANS for one in (*all_sites(plan), *all_parameters(plan)) for letter in one.axes} - {"1"}
BLOCKS = {kind for plan in PLANS for kind in attention_kinds(plan)}
FAMILIES = {
    "stage": ("back", "next", "keys"),
    "stop": tuple(STAGES),
    "value_name": tuple(KINDS),
    "value_look": tuple(KINDS),
    "axis": tuple(LETTERS - {"H"}),
    "axis_name": tuple(LETTERS - {"V"}),
    "explain": tuple(OPERATIONS),
    "choose": ("attention", "side", "layer", "head", "heads", *(f"{stack}_{block}" for stack, block in BLOCKS)),
    "side": ("encoder", "decoder"),
    "language": LANGUAGES,
    "model": (*bundled_models(), *filter(page_of_model, road_models())),
    "error": tuple(cls.code for cls in ERRORS),
    "incoming": get_args(NoteCode),
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    first, *others = (set(texts(lang)) for lang in LANGUAGES)
    for other in others:
        assert first ^ other == set()


def test_both_languages_have_the_same_placeholders() -> None:
    for key, text in texts(LANGUAGES[0]).items():
        for lang in LANGUAGES[1:]:
            assert placeholders(text) == placeholders(texts(lang)[key]), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_or_has_stray_space(lang: str) -> None:
    for key, text in texts(lang).items():
        assert text, key
        assert text == text.strip(), key


def test_english_is_english_and_chinese_chinese() -> None:
    assert [key for key, text in texts("en").items() if HAN.search(text) and key != "language.zh"] == []
    whole = {key: text for key, text in texts("zh").items() if SENTENCE.search(text)}
    assert whole == {}


def test_every_key_the_code_asks_for_is_there() -> None:
    exact, families = asked(texts("en"))
    assert len(exact) > 30  # that the code is read at all
    for pattern, ask in families:
        assert any(map(pattern.fullmatch, texts("en"))), ask


def test_the_code_fills_every_placeholder() -> None:
    exact, families = asked(texts("en"))
    for key, text in texts("en").items():
        named = exact.get(key, [])
        for ask in named:
            assert ask.fields is None or placeholders(text) <= ask.fields, ask
        family = named + [ask for pattern, ask in families if pattern.fullmatch(key)]
        filled = [ask for ask in family if ask.fields is None or placeholders(text) <= ask.fields]
        assert filled or not family, key


@pytest.mark.parametrize("family", FAMILIES)
def test_every_identifier_of_a_family_has_a_text(family: str) -> None:
    assert FAMILIES[family]
    for name in FAMILIES[family]:
        assert f"{family}.{name}" in texts("en")


def test_keys_named_in_figures_are_there() -> None:
    names = {key.partition(".")[0] for key in texts("en")}
    for file in files("figures", "ui", "pages"):
        for line, text in strings(file):
            if re.fullmatch(r"[a-z_]+\.[a-z0-9_.]*[a-z0-9_]", text) and text.partition(".")[0] in names:
                assert text in texts("en"), (file.name, line)


def test_every_form_is_that_of_a_text() -> None:
    keys = texts("en")
    found = {key: re.sub(rf"{FORM}\.", ".", key, count=1) for key in keys if re.search(rf"{FORM}\.", key)}
    assert len(found) > 50
    missing = {key for key, plain in found.items() if plain not in keys}
    assert missing == {f"player_goes_on.{name}" for name in ("typed", "reason_given")}  # of a text that is gone on with


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_most_special_form_is_said(lang: str) -> None:
    translator = bundled_models()[0]
    assert said("bar.source", translator, lang) == t("bar.source", lang)
    assert fitting("map", translator, lang) == section("map", lang)


def test_every_text_is_used() -> None:
    exact, families = asked(texts("en"))
    used = {f"{family}.{name}" for family, names in FAMILIES.items() for name in names} | set(exact)
    used |= {text for file in files("figures", "ui", "pages") for _, text in strings(file)}
    patterns = [ask.pattern for _, ask in families] + [rf"{name}\..+" for file in APP for name in sections(file)]
    some = re.compile("|".join(f"(?:{pattern})" for pattern in dict.fromkeys(patterns)))
    assert [key for key in texts("en") if key not in used and not some.fullmatch(key)] == []


def test_there_are_no_sentences_in_the_code() -> None:
    for file in files("ui", "pages", "figures"):
        for line, text in strings(file):
            assert not HAN.search(text), (file.name, line)
            assert not SENTENCE.search(text), (file.name, line)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_bold_is_drawn_bold(lang: str) -> None:
    """Markdown leaves the marks standing where a colon or bracket inside them touches a letter outside."""
    for key, text in texts(lang).items():
        parts = text.split("**")
        assert len(parts) % 2, key
        for before, bold, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            assert not re.search(r"\w$", before) or re.match(r"[\w{]", bold), (key, bold)
            assert not re.match(r"\w", after) or re.search(r"[\w}]$", bold), (key, bold)


def test_every_error_has_a_code_of_its_own() -> None:
    assert len({cls.code for cls in ERRORS}) == len(ERRORS) >= 11


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_raised_brings_what_its_text_names(lang: str) -> None:
    codes = {cls.__name__: cls.code for cls in ERRORS}
    # The training command prints its messages as they are; the app never trains.
    core = [file for file in files("transformer_core") if "training" not in file.parts]
    found = [error for file in core for error in raised(file) if error[1] in codes]
    assert len(found) > 20
    for place, name, fields in found:
        assert fields is None or placeholders(texts(lang)[f"error.{codes[name]}"]) <= fields, place


def test_an_error_is_said_in_the_readers_language() -> None:
    error = TextTooLongError("the source has 99 tokens", n_tokens=99, limit=63)
    for lang in LANGUAGES:
        assert "99" in say_error(error, lang)
        assert "63" in say_error(error, lang)
    assert say_error(error, "en") != say_error(error, "zh")
    assert say_error(EmptyTextError("empty", side="source", text=""), "zh") == t("error.empty_text", "zh")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "$x$", "{0}", "{}", "**b**", "[a](b)", ":red[x]", "&lt;"]
)
def test_what_was_typed_is_said_as_text(name: str) -> None:
    said = say_error(UnknownModelError("unknown", name=name, known=()), "en")
    assert escape(name) in said
    assert all(f"\\{mark}" in said for mark in set(name) & set("<>$*[]{}:&"))
    assert re.sub(r"\\(.)", r"\1", said) == f"There is no model called {name}."


def test_escaped_text_has_no_mark_left_that_markdown_reads() -> None:
    marks = r"\`*_{}[]<>()#+-.!|$~:&"
    assert escape(marks) == "".join(f"\\{mark}" for mark in marks)
    assert escape("猫 cat 1") == "猫 cat 1"


def test_a_section_comes_without_its_name_and_unfilled() -> None:
    assert section("language", "en") == {key: t(f"language.{key}", "en") for key in ("label", "en", "zh")}
    assert section("none", "en") == {}


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="no such key"):
        t("no such key", "en")


def test_fields_are_filled_in_once() -> None:
    assert "{limit}" in t("bar.unseen", "en", words="{limit}")
