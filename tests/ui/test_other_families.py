"""Every page opens for a model of every variant of a family, as it comes from the folder that another library saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.core.hub import FILLS, VARIANTS, save_variant
from tests.core.hub_tokenizers import BERT_WORDS, ROBERTA_WORDS
from tests.ui.opened import PAGES, components, notes, open_page, warnings
from ui.frame.text import LANGUAGES, t
from ui.state import own_models
from ui.state.models import get_model

pytestmark = [pytest.mark.slow, pytest.mark.peers]

WORDS = "the cat was very happy"
HIDDEN = {BERT_WORDS: "the [MASK] was very happy", ROBERTA_WORDS: "the<mask> was very happy"}
TEXTS = {name: HIDDEN.get(one.tokenizer, WORDS) if one.able == FILLS else WORDS for name, one in VARIANTS.items()}
NEEDS = {"decode/forcing.py": "writes", "decode/search.py": "writes", "decode/unfold.py": "writes"}
NEEDS |= {"decode/fill.py": "fills"}


@pytest.fixture(scope="module", autouse=True)
def _own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_models, "_OWN", {})
        folders = {name: tmp_path_factory.mktemp("models") / name for name in TEXTS}
        for name, folder in folders.items():
            save_variant(name, folder)
        own_models.add_own_models([part for path in folders.values() for part in ("--model", str(path))], None)
        yield
    get_model.cache_clear()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", TEXTS)
def test_a_page_opens(model: str, page: str) -> None:
    lang = LANGUAGES[(PAGES.index(page) + list(TEXTS).index(model)) % len(LANGUAGES)]
    at = open_page(page, lang=lang, model=model, source=TEXTS[model])
    able = VARIANTS[model].able
    opens = NEEDS.get(page, "embeds") in able | {"embeds"} and not (page == "explore/output.py" and able == {"embeds"})
    endless = t("bar.limit", lang, limit=get_model(model).config.max_length)
    assert set(warnings(at)) <= ({endless} if "translates" in able else set())
    assert ("words" in components(at), len(notes(at))) == ((True, 0) if opens else (False, 1))
