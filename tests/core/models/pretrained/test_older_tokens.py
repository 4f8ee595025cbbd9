"""Folders without a tokenizer.json: texts are cut into the ids that the family's own tokenizer gives."""

import random
import warnings

import pytest

from tests.core.hub import save_variant
from tests.core.hub_tokenizers import HOSTILE, LINES, OLDER
from transformer_core.models.files import load_model, save_model

CLASSES = {
    "gpt2": "GPT2Tokenizer",
    "roberta": "RobertaTokenizer",
    "qwen2": "Qwen2Tokenizer",
    "bert": "BertTokenizer",
    "distilbert": "DistilBertTokenizer",
    "t5": "T5Tokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
    "llama": "LlamaTokenizer",
}
N_TEXTS = 1000

pytestmark = pytest.mark.peers


def texts() -> list[str]:
    """The hostile ones, and many that are put together of their parts."""
    pick = random.Random(0)
    parts = [part for text in HOSTILE + LINES[:5] for part in (text, text[:7], *text.split(" "))]
    parts += ["<|im_start|>", "<s>", "</s>", "<mask>", "[MASK]", "<extra_id_2>", " ", "\n\n", "   "]
    return [*HOSTILE, *("".join(pick.choices(parts, k=pick.randint(1, 6))) for _ in range(N_TEXTS - len(HOSTILE)))]


@pytest.mark.parametrize(("name", "what"), OLDER, ids=" ".join)
def test_ids_are_those_of_the_family_before_and_after_our_own_saving(name, what, tmp_path):
    import transformers

    save_variant(name, tmp_path, tokenizer=OLDER[name, what])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = getattr(transformers, CLASSES[name]).from_pretrained(tmp_path)
    glass = load_model(tmp_path)
    save_model(tmp_path / "ours", glass.model, glass.source_tokenizer, glass.target_tokenizer)
    tokenizer, again = glass.task.side.tokenizer, load_model(tmp_path / "ours").task.side.tokenizer
    around = (tokenizer.before, tokenizer.behind) if glass.config.has_encoder else (tokenizer.start, ())
    for text in texts():
        ids = theirs(text)["input_ids"]
        assert [*around[0], *tokenizer.encode(text), *around[1]] == ids, text
        assert again.encode(text) == tokenizer.encode(text)
        assert all(tokenizer.pieces(ids))
    for text in LINES[:5]:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == theirs.decode(ids, skip_special_tokens=True)
    assert tokenizer.special_ids >= set(theirs.all_special_ids)
    assert tokenizer.mask_id == theirs.mask_token_id
    assert glass.trace("Once upon a time").words
