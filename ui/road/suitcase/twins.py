"""The models of the stop of the suitcase: which of them copy, which look back, and which are twins."""

from __future__ import annotations

from transformer_core.glass.plan import Block, Plan
from ui.state.models import get_model, language_of, model_names
from ui.state.road import family_of

PAGE, LOOKS = "suitcase", "seq2seq-attention"


def copies(name: str) -> bool:
    """Return whether a model writes in the language that it reads."""
    written = get_model(name).target_tokenizer
    return written is not None and written.language == language_of(name)


def looks_back(name: str) -> bool:
    """Return whether a model looks back at every word, rather than carry all of them in one vector."""
    return family_of(name) == LOOKS


def mates_of(name: str) -> list[str]:
    """Return the models that do the same with the same language, the given one among them, in the order of the menu."""
    task = language_of(name), copies(name)
    return [one for one in model_names(PAGE) if (language_of(one), copies(one)) == task]


def looking_twin(name: str) -> str:
    """Return the twin of a model that looks back: of the same width, if there is one; itself, if it looks back."""
    if looks_back(name):
        return name
    width = get_model(name).config.d_model
    found = [one for one in mates_of(name) if looks_back(one)]
    return next((one for one in found if get_model(one).config.d_model == width), found[0] if found else name)


def told_block(plan: Plan) -> Block:
    """Return the block that says what the writer is told of the sentence at each step."""
    return next(block for block in plan.blocks if block.stack == "decoder" and block.layer == 0)
