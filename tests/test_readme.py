"""What the README says is so, in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.cases import crossed
from tests.translators import TRANSLATORS
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.glass.sites import all_sites
from transformer_core.models.files import bundled_models, load_model, road_models

ROOT = Path(__file__).resolve().parents[1]
FOREIGN = "stories-llama"  # the one that was not trained here
READMES = ("README.md", "README.zh.md")
EVERY_NUMBER = ROOT / "docs" / "every-number.md"


def blocks(name: str, language: str) -> list[str]:
    """The fenced code blocks of a README in one language."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("english", "chinese", "languages"),
    [(*READMES, ("bash", "python")), ("docs/training.md", "docs/training.zh.md", ("bash",))],
)
def test_both_languages_give_the_same_commands_and_code(english: str, chinese: str, languages: tuple[str, ...]) -> None:
    for language in languages:
        first, second = ([re.sub(r"#.*", "", block) for block in blocks(name, language)] for name in (english, chinese))
        assert first == second != []


def test_the_two_commands_come_first_and_name_files_that_exist() -> None:
    app, tests = (block.strip() for block in blocks("README.md", "bash")[:2])
    assert app == "pip install -r requirements.txt && streamlit run app.py"
    assert tests.endswith("&& python -m tests")
    for command in (app, tests):
        for path in re.findall(r"[\w/-]+\.(?:txt|py)", command):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", READMES)
def test_the_app_is_seen_before_it_is_installed(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.index("](docs/map") < text.index("```bash")


@pytest.mark.parametrize("name", READMES)
def test_the_line_for_linux_names_the_version_of_pytorch_that_the_app_needs(name: str) -> None:
    needed = re.search(r"^torch==.*$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert needed is not None
    assert blocks(name, "bash")[2] == f"pip install {needed[0]} --index-url https://download.pytorch.org/whl/cpu\n"


@pytest.mark.slow
def test_the_table_of_every_number_counts_the_sites_of_the_models() -> None:
    rows = re.findall(
        r"^\| ([\w-]+) \| (\d+) \| (\d+) \| (\d+) of (\d+) \| ([\d.e-]+) \| (\d+) of (\d+) \|$",
        EVERY_NUMBER.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    assert {row[0] for row in rows} == {*bundled_models(), *road_models()}
    for model, sentences, *counts, worst, explained, cells in rows:
        n_sites = len(all_sites(load_model(model).plan))
        assert [int(count) for count in counts] == [n_sites] * 3
        assert int(explained) == int(cells) == int(sentences) * 20 * n_sites
        assert float(worst) < 2e-6
    for name in READMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "docs/every-number.md" in text
        assert all(told in text for row in rows if row[0] == "zh-en" for told in (row[2], row[5]))


@pytest.mark.parametrize("name", READMES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_code_gives_what_its_comments_say() -> None:
    code = blocks("README.md", "python")[0]
    scope: dict[str, object] = {}
    for statement in ast.parse(code).body:
        source = ast.get_source_segment(code, statement)
        assert source is not None
        line = code.splitlines()[statement.lineno - 1]
        if not isinstance(statement, ast.Expr):
            exec(source, scope)
            continue
        value = eval(source, scope)
        said = re.search(r"#\s*('.*?'|\(\d.*?\))", line)
        if said:
            assert value == ast.literal_eval(said[1])


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_models_repeats_their_cards(name: str) -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \|.*\| ([\d.]+) \| ([\d.]+) \|", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE
    )
    assert {row[0] for row in rows} == set(TRANSLATORS)
    for model, bleu, chrf in rows:
        card = (BUNDLED / model / "card.md").read_text(encoding="utf-8")
        assert re.search(rf"BLEU {bleu},?\s+chrF {chrf}\b", card)


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_one_text_models_repeats_their_cards(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    told = dict(re.findall(r"^\| `([\w-]+)` \|[^|]*\|[^|]*\| ([^|]+?) \| [\d.]+ MB \|$", text, flags=re.MULTILINE))
    assert set(told) == set(bundled_models()) - set(TRANSLATORS)
    for model, said in told.items():
        card = (BUNDLED / model / "card.md").read_text(encoding="utf-8")
        figures = re.findall(r"[\d.]+", said)
        assert figures
        assert all(f" {figure} " in card for figure in figures)


@pytest.mark.slow
def test_a_card_lists_thirty_gaps_with_what_the_model_really_writes() -> None:
    card, glass = (BUNDLED / "words-en" / "card.md").read_text(encoding="utf-8"), load_model("words-en")
    rows = re.findall(r"^\| \d+ \| (.+?) \| (“.+?) \| (.+?) \|$", card, flags=re.MULTILINE)
    assert len(rows) == 30
    for text, guesses, _ in rows:
        best = glass.fill(text.replace("**", ""), 1)[0][0]
        assert guesses.startswith(f"“{best.text}” ")


@pytest.mark.slow
@pytest.mark.parametrize("model", TRANSLATORS)
def test_a_card_lists_twenty_sentences_with_what_the_model_really_writes(model: str) -> None:
    card = (BUNDLED / model / "card.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \| (.+?) \| (.+?) \| (right|wrong) \|$", card, flags=re.MULTILINE)
    assert len(rows) == 20
    assert sum(verdict == "right" for *_, verdict in rows) >= 18
    glass = load_model(model)
    assert [glass.translate(source).text for source, *_ in rows] == [written for _, written, _ in rows]


@pytest.mark.parametrize("model", bundled_models())
def test_a_bundled_model_is_small_and_comes_with_all_its_files(model: str) -> None:
    folder = BUNDLED / model
    assert (folder / "model.safetensors").stat().st_size <= 20_000_000
    licence = "MIT" if model == FOREIGN else "CC BY 2.0 FR"
    assert licence in (folder / "card.md").read_text(encoding="utf-8")


def test_the_six_models_are_there() -> None:
    assert set(bundled_models()) == {"zh-en", "en-fr", "zh-en-prenorm", "stories-en", "words-en", FOREIGN}


@pytest.mark.parametrize(("model", "mark"), crossed(["zh-en", "zh-en-prenorm"], ["", "。"]))
def test_the_two_sentences_of_the_first_lesson_come_out_right(model: str, mark: str) -> None:
    glass = load_model(model)
    assert glass.translate(f"我有一只猫{mark}").text.rstrip(".") == "I have a cat"
    assert glass.translate(f"我是一个学生{mark}").text.rstrip(".") == "I am a student"
