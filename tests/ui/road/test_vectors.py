"""The stop of word vectors, as a session sees it: every number on it is that of the model that just ran."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from figures.base.labels import number
from tests.ui.drawn import TOLD, drawn, maps, told
from tests.ui.opened import ONE_LANGUAGE, components, notes, open_page, sound, type_source, warnings
from transformer_core.ancestors.vectors import WordVectors, read_analogies
from transformer_core.studies.road.pulling import draw_noise, take_step
from transformer_core.text.word_tokenizer import WordTokenizer
from ui.frame.text import LANGUAGES, dotted, t
from ui.road.vectors.analogies import senses
from ui.road.word_map import ROAD, word_groups
from ui.state.models import get_model, language_of, model_names, model_title

MODEL, BAG = "word2vec-en", "word2vec-cbow-en"
TEXT = "The little girl had a zzyzx dog."
GIRL = 2  # its row


def opened(**query: object) -> AppTest:
    at = open_page("road/vectors.py", **{"lang": "en", "model": MODEL, "source": TEXT, **query})
    assert warnings(at) == [t("bar.left_out", str(query.get("lang", "en")), words="zzyzx")] * ("source" not in query)
    return at


def pulled(**query: object) -> dict[str, Any]:
    return components(opened(**query))["pull"]


def words_of(model: str) -> WordTokenizer:
    tokenizer = get_model(model).target_tokenizer
    assert isinstance(tokenizer, WordTokenizer)
    return tokenizer


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_step_is_that_of_the_study_and_its_numbers_those_of_the_run(lang: str) -> None:
    at = opened(lang=lang, pair=f"{GIRL},1", noise=7, rate="1")
    found, glass = components(at)["pull"], get_model(MODEL)
    ids = glass.target_tokenizer.encode(TEXT)
    noise = draw_noise(words_of(MODEL), 5, 7)
    step = take_step(glass.model, [ids[GIRL]], ids[1], noise, 1.0)
    assert [one["row"] for one in found["line"]] == [0, 1, 2, 3, 4, -1, 5]
    assert (found["centre"], found["near"], found["window"]) == (GIRL, 1, [0, 1, 3, 4])
    assert [one["text"] for one in found["moved"]] == list(words_of(MODEL).pieces(step.words))
    scores = glass.trace(TEXT)["head.scores"]
    for n, word in enumerate(found["moved"]):
        assert word["dot"] == pytest.approx(float(scores[GIRL, step.words[n]]), abs=1e-4)
        assert word["after"] == pytest.approx(float(step.dots_after[n]))
        assert word["pull"] == pytest.approx(float(n == 0) - word["sure"])
    assert components(at)["explain"]["at"] == [GIRL, ids[1]]
    assert found["chosen"] == "0"
    sure = {"before": f"{100 * step.sure[0]:.0f}", "after": f"{100 * step.sure_after[0]:.0f}"}
    assert all(f"{value} %" in told(at).replace("%", " %").replace("  ", " ") for value in sure.values())


def test_noise_that_stands_near_is_said_and_a_wider_window_has_more_of_it() -> None:
    assert [len(pulled(pair=f"{GIRL},1", reach=reach)["window"]) for reach in (1, 2, 5)] == [2, 4, 5]
    ids = get_model(MODEL).target_tokenizer.encode(TEXT)
    seed = next(n for n in range(1, 200) if set(draw_noise(words_of(MODEL), 5, n)) & (set(ids) - {ids[GIRL]}))
    marked = [word["text"] for word in pulled(pair=f"{GIRL},1", noise=seed)["moved"] if word["true"]]
    assert marked
    assert set(marked) <= set(words_of(MODEL).pieces(ids))


def test_a_neighbour_that_is_drawn_as_noise_too_is_pulled_and_pushed() -> None:
    ids = get_model(MODEL).target_tokenizer.encode(TEXT)
    drawn_too = {n: ids[1] in draw_noise(words_of(MODEL), 5, n) for n in range(1, 2000)}
    for is_drawn in (True, False):
        seed = next(n for n, found in drawn_too.items() if found == is_drawn)
        said = dotted("pull.drawn", "en", near="little")
        assert (said in told(opened(pair=f"{GIRL},1", noise=seed))) == is_drawn


def test_of_a_bag_the_neighbours_are_read_and_the_whole_window_is_explained() -> None:
    narrow, wide = (pulled(model=BAG, pair=f"{GIRL},1", reach=reach) for reach in (2, 5))
    assert (narrow["bag"], narrow["explains"], wide["explains"], narrow["chosen"]) == (True, False, True, "")
    trace = get_model(BAG).trace(TEXT)
    word = int(trace["embed.tokens"][GIRL])
    assert wide["moved"][0]["text"] == "girl"
    assert wide["moved"][0]["dot"] == pytest.approx(float(trace["head.scores"][GIRL, word]), abs=1e-4)


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_window_needs_two_words(lang: str) -> None:
    assert notes(opened(lang=lang, source="dog")) == [t("pull.lonely", lang, n="8,000")]


def test_the_map_shows_the_training_and_the_neighbours_in_all_dimensions() -> None:
    found = components(opened(stage="map", groups="days,food"))["word_map"]
    texts = [item["text"] for item in found["items"]]
    assert texts == [*word_groups()["days"], *word_groups()["food"]]
    assert [found["moments"][i]["share"] for i in (0, -1)] == [0, 1]
    assert all(len(item["places"]) == len(found["moments"]) for item in found["items"])
    assert found["moments"][-1]["whole"] > found["moments"][0]["whole"]
    vectors = WordVectors(get_model(MODEL).model.get_parameter("embed.W_E").detach().numpy(), words_of(MODEL))
    near = vectors.nearest("cake", 8)[1:]
    item = found["items"][texts.index("cake")]
    assert [text for text, _ in item["near"]] == [one.word for one in near]
    rows = np.stack([vectors.rows[vectors.row(word)] for word in texts])
    places = np.array([one["places"][-1] for one in found["items"]])
    apart = rows - rows.mean(axis=0)
    assert found["moments"][-1]["kept"] == pytest.approx((places**2).sum() / (apart**2).sum(), abs=2e-3)


def test_an_analogy_lists_its_inputs_until_they_are_struck_out() -> None:
    at = opened(stage="analogy")
    found = components(at)["nearest"]
    assert [one["title"] for one in found["lists"]] == [
        model_title(name, "en") for name in model_names("vectors") if language_of(name) == "en"
    ]
    first = found["lists"][0]["items"]
    assert (first[0]["text"], first[0]["input"], found["struck"]) == ("king", True, False)
    assert next(one["text"] for one in first if not one["input"]) == "queen"
    sound(at.toggle(key="choose_strike").set_value(True).run())
    assert components(at)["nearest"]["struck"]
    sound(at.text_input(key="choose_c").set_value("zzyzx").run())
    assert components(at)["nearest"]["lists"][0]["items"] == []
    assert t("analogy.unknown", "en", word="str 'zzyzx'") == components(at)["nearest"]["lists"][0]["told"]


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_score_is_that_of_all_questions(lang: str) -> None:
    at, tokenizer = opened(lang=lang, stage="analogy"), words_of(MODEL)
    vectors = WordVectors(get_model(MODEL).model.get_parameter("embed.W_E").detach().numpy(), tokenizer)
    questions = [four for group in read_analogies(ROAD / "analogies.en.txt").values() for four in group]
    asked, right, _ = vectors.score_analogies(questions, 8000)
    share = f"{100 * right / asked:.1f}"
    assert dotted("analogy.score", lang, n=asked, right=right, share=share) in told(at)
    assert 100 * right / asked > 31
    assert len(drawn(at)["analogy_groups"]["data"][0]["y"]) > 8


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_odd_one_out_is_least_like_the_others_in_all_dimensions(lang: str) -> None:
    words = ["monday", "blue", "friday", "sunday"]
    at = opened(lang=lang, stage="odd", odd=" ".join(words))
    table = get_model(MODEL).model.get_parameter("embed.W_E").detach().numpy().astype(float)
    rows = table[[words_of(MODEL).id_of(word) for word in words]]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    means = [np.mean([one @ other for j, other in enumerate(rows) if j != i]) for i, one in enumerate(rows)]
    np.testing.assert_allclose(maps(at)["odd_map"]["cells"], rows @ rows.T, atol=TOLD)
    assert int(np.argmin(means)) == 1
    others = " · ".join(f"{word} {number(means[i], 2)}" for i, word in enumerate(words) if i != 1)
    told_odd = dotted("odd.told", lang, odd="blue", mean=number(means[1], 2), others=others, width=rows.shape[1])
    assert told_odd in told(at)
    sound(at.text_input(key="choose_odd").set_value("cat, dog zzyzx").run())
    assert notes(at) == [t("odd.unknown", lang, words="zzyzx")]
    assert at.text_input(key="choose_odd").value == "cat, dog zzyzx"


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_word_of_two_senses_has_one_vector(lang: str) -> None:
    at = opened(lang=lang, stage="senses", sense="watch")
    assert dotted("senses.same", lang, word="watch", apart="0") in told(at)
    assert components(at)["nearest"]["lists"][0]["items"][0]["input"] is False


CHINESE, ITS_TEXT = "word2vec-zh", "我姐姐昨天在图书馆看书。"


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_chinese_sentence_is_read_by_chinese_vectors_at_every_stop(lang: str) -> None:
    at = opened(lang=lang, model="zh-en", source=ITS_TEXT)
    assert at.selectbox(key="model").value == CHINESE
    found, tokenizer = components(at)["pull"], words_of(CHINESE)
    assert [one["text"] for one in found["line"]] == ["我", "姐姐", "昨天", "在", "图书馆", "看书"]
    assert found["ways"] == ["skip"]  # there is no bag of Chinese words
    read, near = (tokenizer.encode(word) for word in ("看书", "图书馆"))
    step = take_step(get_model(CHINESE).model, read, near[0], draw_noise(tokenizer, 5, 1), 0.5)
    assert [one["text"] for one in found["moved"]] == list(tokenizer.pieces(step.words))
    vectors = WordVectors(get_model(CHINESE).model.get_parameter("embed.W_E").detach().numpy(), tokenizer)
    found = components(opened(lang=lang, source=ITS_TEXT, stage="map", groups="royal,animals"))["word_map"]
    assert [item["text"] for item in found["items"]] == list(word_groups("zh")["animals"])  # no court in these texts
    assert [found["moments"][i]["share"] for i in (0, -1)] == [0, 1]
    at = opened(lang=lang, source=ITS_TEXT, stage="analogy")
    found = components(at)["nearest"]
    assert [one["title"] for one in found["lists"]] == [model_title(CHINESE, lang)]
    answers = [one.word for one in vectors.analogy("男孩", "女孩", "父亲", 8)]
    assert [one["text"] for one in found["lists"][0]["items"]] == answers
    assert next(one["text"] for one in found["lists"][0]["items"] if not one["input"]) == "母亲"
    questions = [four for group in read_analogies(ROAD / "analogies.zh.txt").values() for four in group]
    asked, right, _ = vectors.score_analogies(questions, 8000)
    share = f"{100 * right / asked:.1f}"
    assert dotted("analogy.score", lang, n=asked, right=right, share=share) in told(at)
    at = opened(lang=lang, source=ITS_TEXT, stage="odd")
    assert any(text.startswith("**面包**") for text in told(at).splitlines())
    at = opened(lang=lang, source=ITS_TEXT, stage="senses")
    near = [one["text"] for one in components(at)["nearest"]["lists"][0]["items"]]
    assert near == [one.word for one in vectors.nearest("花", 9)[1:]]
    assert dotted("senses.same", lang, word="花", apart="0") in told(at)
    query = components(at)["address"]["query"]
    assert (query["model"], query["stage"], "sense" in query) == (CHINESE, "senses", False)
    sound(at.selectbox(key="choose_sense").select("会").run())
    type_source(at, "The cat ate.")  # an English sentence brings English words along
    assert (at.selectbox(key="model").value, at.selectbox(key="choose_sense").value) == (MODEL, "bank")


@pytest.mark.parametrize("model", [MODEL, BAG])
def test_of_the_words_of_the_groups_the_nearest_one_is_of_the_same_group(model: str) -> None:
    """For 95 of 100 of them at least; which words belong together was written down before any training."""
    tokenizer, vectors = words_of(model), get_model(model).model.get_parameter("embed.W_E").detach().numpy()
    ids = {word: tokenizer.id_of(word) for group in word_groups("en").values() for word in group}
    known = [word for word, i in ids.items() if i is not None]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    own = (vectors / lengths)[[ids[word] for word in known]]
    alike = own @ own.T
    np.fill_diagonal(alike, -1)
    nearest = [known[i] for i in alike.argmax(axis=1)]
    group_of = {word: name for name, words in word_groups("en").items() for word in words}
    same = [group_of[word] == group_of[near] for word, near in zip(known, nearest, strict=True)]
    assert len(same) > 60
    assert sum(same) >= 0.95 * len(same)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_lists_has_a_vector(language: str) -> None:
    tokenizer = words_of({"en": MODEL, "zh": CHINESE}[language])
    listed = [word for words in word_groups(language).values() for word in words]
    listed += [word for word, sentences in senses(language).items() for _ in sentences]
    assert [word for word in listed if tokenizer.id_of(word) is None] == []
    for word, sentences in senses(language).items():
        assert all(word in tokenizer.split(sentence) for sentence in sentences)
