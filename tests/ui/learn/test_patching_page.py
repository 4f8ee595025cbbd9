"""What each head matters and the patching walk, as a session sees them on the page of what-ifs."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.translators import TRANSLATORS
from tests.ui.drawn import maps, told
from tests.ui.opened import ONE_LANGUAGE, components, notes, open_page, sound, warnings
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.models.configs import load_config
from transformer_core.studies.heads.head_table import all_heads
from transformer_core.studies.importance import head_importance, spread
from transformer_core.studies.patching import Contrast, contrast, patch_map
from transformer_core.transformer.plans import transformer_plan
from ui.frame.text import escape, t
from ui.learn.importance import importance_of
from ui.learn.patching import pairs
from ui.learn.patching_runs import Pair, contrast_of, words_of_first
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

PAGE, SOURCE = "learn/what_if.py", "他每天喝茶。"
ASKED = Asked(DEFAULT_MODEL, SOURCE, "")
HEADS = all_heads(transformer_plan(load_config(BUNDLED / DEFAULT_MODEL / "config.json")))


def opened(**query: object) -> AppTest:
    return open_page(PAGE, **{"lang": "en", "source": SOURCE, **query})


def quantity_of(pair: Contrast, logits: np.ndarray) -> float:
    """The quantity of a traced run, from its definition."""
    x, at = logits.astype(np.float64), pair.position
    if pair.quantity == "logits":
        return float(x[at, pair.first_words[at]] - x[at, pair.second_words[at]])
    return float(np.mean([np.log(np.exp(row).sum()) - row[i] for row, i in zip(x, pair.first_words, strict=True)]))


class TestImportance:
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_the_map_is_the_loss_without_each_head(self, lang: str) -> None:
        at = opened(lang=lang)
        trace, found = get_trace(ASKED), maps(at)["importance_map"]
        expected = head_importance(
            get_model(DEFAULT_MODEL).model, trace["src_embed.tokens"].tolist(), trace.written_ids
        )
        np.testing.assert_allclose(found["cells"].flatten(), expected.change, rtol=0, atol=1e-5)
        assert len(found["row_labels"]) * len(found["column_labels"]) == len(HEADS)
        assert (warnings(at), notes(at)) == ([], [])

    @pytest.mark.slow
    def test_a_chosen_head_is_framed_told_and_switched_off(self) -> None:
        at = opened(importance_head="decoder.2.cross_attn.1")
        rows = list(dict.fromkeys(head.block for head in HEADS))
        assert maps(at)["importance_map"]["selected"] == {"row": rows.index("decoder.2.cross_attn"), "column": 1}
        assert components(at)["address"]["query"]["importance_head"] == "decoder.2.cross_attn.1"
        sound(at.button(key="importance_off").click().run())
        assert at.session_state["edits"] == "off:decoder.2.cross_attn:1"
        edited = get_trace(Asked(DEFAULT_MODEL, SOURCE, "", at.session_state["edits"]))
        assert not edited["decoder.2.cross_attn.z"][1].any()
        # The map stays that of the run without edits.
        np.testing.assert_allclose(
            maps(at)["importance_map"]["cells"].flatten(), importance_of(ASKED).change, atol=1e-5
        )

    @pytest.mark.slow
    def test_a_head_that_the_model_lacks_is_not_chosen(self) -> None:
        assert "importance_off" not in [
            button.key for button in opened(importance_head="decoder.9.cross_attn.1").button
        ]
        assert notes(opened(importance_head="<b>"))[0].startswith("The link said")

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_the_examples_are_computed_when_the_reader_asks(self, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
        sentences = ("他每天喝茶。", "我有一只猫", "请把门关上。")
        monkeypatch.setattr("ui.learn.importance.examples", lambda model: sentences)
        at = opened(lang=lang, importance_on="set")
        assert "importance_map" not in maps(at)
        assert at.button(key="importance_start").label == t("importance.start", lang, all=3, n=0)
        sound(at.button(key="importance_start").click().run())
        over = spread([importance_of(Asked(DEFAULT_MODEL, sentence, "")) for sentence in sentences])
        np.testing.assert_allclose(maps(at)["importance_map"]["cells"].flatten(), over.mean, atol=1e-6)
        np.testing.assert_allclose(maps(at)["importance_spread"]["cells"].flatten(), over.std, atol=1e-6)
        assert "importance_start" not in [button.key for button in at.button]

    @pytest.mark.slow
    def test_what_was_stopped_goes_on_where_it_was(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ui.learn.importance.examples", lambda model: ("他每天喝茶。", "我有一只猫"))
        at = opened(importance_on="set")
        at.session_state["importance_done"] = {DEFAULT_MODEL: 1}  # as a click on "stop" leaves it
        sound(at.run())
        assert at.button(key="importance_start").label == t("importance.go_on", "en", n=1, all=2)
        assert "importance_spread" not in maps(at)  # one sentence has none
        sound(at.button(key="importance_start").click().run())
        assert at.session_state["importance_done"] == {DEFAULT_MODEL: 2}
        assert "importance_spread" in maps(at)


@pytest.mark.slow
class TestPatching:
    @pytest.mark.parametrize("model", TRANSLATORS)
    def test_every_ready_pair_has_one_length_and_two_translations(self, model: str) -> None:
        glass, ready = get_model(model), pairs(model)
        assert len(set(ready)) == len(ready) >= 5
        for first, second in ready:
            pair = contrast(glass.model, glass.source_ids(first), glass.source_ids(second))
            assert len(pair.first) == len(pair.second)
            assert pair.first_words != pair.second_words
            assert pair.first_value > 0 > pair.second_value
            assert glass.unseen(first) == glass.unseen(second) == ()

    @pytest.mark.slow
    @pytest.mark.parametrize("quantity", ["logits", "loss"])
    def test_the_walk_is_that_of_the_first_pair(self, quantity: str) -> None:
        at, glass = opened(pair_quantity=quantity), get_model(DEFAULT_MODEL)
        first, second = pairs(DEFAULT_MODEL)[0]
        pair = contrast(glass.model, glass.source_ids(first), glass.source_ids(second), quantity)  # type: ignore[arg-type]
        shares = patch_map(glass.model, pair)
        for side, stack in (("source", ("src_embed", "encoder")), ("target", ("decoder",))):
            found = maps(at)[f"patching_{side}"]
            keys = [key for key in shares if key.startswith(stack)]
            assert found["row_labels"] == keys
            np.testing.assert_allclose(found["cells"], np.stack([shares[key] for key in keys]), atol=1e-5)
            assert (found["low"], found["high"]) == (-1, 1)
        (differing,) = pair.differing
        assert maps(at)["patching_source"]["column_labels"][differing] == f"{differing} 猫/狗"

    @pytest.mark.slow
    @pytest.mark.parametrize(("quantity", "cell"), [("logits", "encoder.1.out:3"), ("loss", "decoder.1.out:3")])
    def test_a_chosen_cell_becomes_an_edit_with_its_effect(self, quantity: str, cell: str) -> None:
        at = opened(pair_quantity=quantity, pair_cell=cell)
        site, _, position = cell.partition(":")
        found = maps(at)["patching_target" if site.startswith("decoder") else "patching_source"]
        row = found["row_labels"].index(site)
        assert found["selected"] == {"row": row, "column": int(position)}
        share = found["cells"][row, int(position)]
        assert components(at)["address"]["query"]["pair_cell"] == cell
        sound(at.button(key="patching_edit").click().run())
        first, second = pairs(DEFAULT_MODEL)[0]
        assert at.session_state["edits"] == f"patch:{cell}:{first}"
        assert [chip["on"] for chip in components(at)["edits"]["chips"]] == [True]
        assert components(at)["address"]["query"]["edits"] == f"patch:{cell}:{first}"
        shown = Asked(DEFAULT_MODEL, at.session_state["source"], at.session_state["target"], at.session_state["edits"])
        assert (shown.source, bool(shown.target)) == (second, quantity == "loss")
        pair = contrast_of(Pair(DEFAULT_MODEL, first, second, quantity))  # type: ignore[arg-type]
        edited, plain = (quantity_of(pair, get_trace(asked)["head.logits"]) for asked in (shown, shown.plain))
        assert plain == pytest.approx(pair.second_value, abs=1e-5)
        assert (edited - plain) / (pair.first_value - plain) == pytest.approx(share, abs=1e-5)

    @pytest.mark.parametrize("model", TRANSLATORS)
    def test_what_is_written_for_the_first_reads_back_as_the_same_words(self, model: str) -> None:
        for first, second in pairs(model):
            asked = Pair(model, first, second, "loss")
            assert tuple(get_model(model).target_ids(words_of_first(asked))) == contrast_of(asked).first_words

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_a_stopped_walk_shows_what_it_has_and_goes_on(self, lang: str) -> None:
        asked = Pair(DEFAULT_MODEL, *pairs(DEFAULT_MODEL)[0], "logits")
        at = opened(lang=lang, pair_cell="decoder.2.out:3")
        whole = {name: maps(at)[name]["cells"] for name in ("patching_source", "patching_target")}
        n = sum(cells.size for cells in whole.values())
        at.session_state["patching_done"] = {asked: 12}  # as a click on "stop" leaves it
        at.session_state["patching_running"] = {asked: False}
        sound(at.run())
        assert notes(at) == [t("patching.stopped", lang, n=12, all=n)]
        found = maps(at)["patching_source"]
        assert np.isinf(found["cells"]).sum() == whole["patching_source"].size - 12
        assert np.isinf(maps(at)["patching_target"]["cells"]).all()
        assert "patching_edit" not in [button.key for button in at.button]  # its cell is not computed yet
        assert at.button(key="patching_start").label == t("patching.go_on", lang, n=12, all=n)
        sound(at.button(key="patching_start").click().run())
        for name, cells in whole.items():
            np.testing.assert_allclose(maps(at)[name]["cells"], cells, rtol=0, atol=1e-5)  # other batches
        assert (notes(at), at.session_state["patching_done"]) == ([], {asked: n})

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_sentences_that_differ_in_several_places_are_told(self, lang: str) -> None:
        at = opened(lang=lang, pair_first="我有一只猫", pair_second="你有两只狗")
        words = "0 我/你, 2 一/两, 4 猫/狗"
        assert warnings(at) == [t("patching.several", lang, n=3, words=words)]
        assert "patching_source" in maps(at)

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_a_pair_that_cannot_be_compared_is_told_and_the_next_one_drawn(self, lang: str) -> None:
        at = opened(lang=lang, pair_first="我有一只猫", pair_second="猫")
        assert warnings(at) == [t("error.pair_length", lang, n_first=6, n_second=2)]
        for text, error in (("我有一只猫", "pair_same"), ("", "empty_text")):
            sound(at.text_input(key="patching.second").set_value(text).run())
            assert warnings(at) == [t(f"error.{error}", lang)]
        sound(at.text_input(key="patching.second").set_value("我有一只狗").run())
        assert warnings(at) == []
        assert "patching_source" in maps(at)
        assert components(at)["address"]["query"]["pair_second"] == "我有一只狗"
        assert escape("I have a dog.") in told(at)
