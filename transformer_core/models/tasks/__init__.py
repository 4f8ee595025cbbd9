"""What a model is for: how text becomes what it reads, what is shown of it, and what it can be asked."""

from __future__ import annotations

from transformer_core.glass.abilities import abilities_of
from transformer_core.glass.model import LanguageModel
from transformer_core.models.tasks.base import Task, WritingTask
from transformer_core.models.tasks.filling import Filling
from transformer_core.models.tasks.going_on import GoingOn
from transformer_core.models.tasks.translating import Translating
from transformer_core.models.tasks.vectors import Vectors
from transformer_core.text.base import TextTokenizer

__all__ = ["Filling", "GoingOn", "Task", "Translating", "Vectors", "WritingTask", "task_of"]


def task_of(name: str, model: LanguageModel, source: TextTokenizer | None, target: TextTokenizer | None) -> Task:
    """Return the task of a model, told from its abilities.

    Args:
        name: of the model.
        model: the network, in eval mode.
        source, target: its tokenizers; one that reads a single text has one of them.
    """
    one = source or target
    assert one is not None, "a model has a tokenizer"
    abilities = abilities_of(model.plan)
    if "translates" in abilities:
        assert source is not None, "a translator has two tokenizers"
        assert target is not None, "a translator has two tokenizers"
        return Translating(name, model, source, target)
    if "vectors" in abilities:
        return Vectors(name, model, one)
    return GoingOn(name, model, one) if "predicts_next" in abilities else Filling(name, model, one)
