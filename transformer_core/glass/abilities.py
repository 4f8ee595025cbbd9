"""What a model can be asked for, told from what it is: pages, studies and `Glass` ask for an ability, never for a kind.

translates     reads one text and writes another
writes         writes word after word, each from all before it
predicts_next  says at each word of a text which word it expects next, and so goes on with a text
fills          says which word stands behind a [MASK]
fills_gaps     writes what stands in the gaps of a text, one after the other
classifies     says one thing of a whole text
embeds         gives each word of a text a vector that knows the words on both sides of it
vectors        gives each word of its vocabulary a vector, the same in every text
"""

from __future__ import annotations

from typing import Literal

from transformer_core.glass.errors import AbilityError, TargetError
from transformer_core.glass.plan import Plan, RecurrentFacts
from transformer_core.glass.sites import find_site
from transformer_core.glass.walks import attention_facts, has_output, probs_key, with_role, written_list

Ability = Literal["translates", "writes", "predicts_next", "fills", "fills_gaps", "classifies", "embeds", "vectors"]


def abilities_of(plan: Plan, *, hides: bool = False) -> frozenset[Ability]:
    """Return what a model can do.

    Args:
        plan: of the model.
        hides: whether its tokenizer has a sign that hides a word, as [MASK] does, or signs for gaps.
    """
    if not has_output(plan):
        return frozenset({"embeds" if with_role(plan, "attention", "recurrent") else "vectors"})
    written = written_list(plan)
    if not any(find_site(plan, probs_key(plan)).sides):
        return frozenset({"classifies"})
    if written is None:
        return frozenset({"embeds"})
    if written.name not in causal_lists(plan):
        return frozenset({"embeds", "fills"} if hides else {"embeds"})
    reads_another = any(block.words == written.name and block.memory not in ("", written.name) for block in plan.blocks)
    if not reads_another:
        return frozenset({"writes", "predicts_next"})
    return frozenset({"writes", "translates", "fills_gaps"} if hides else {"writes", "translates"})


def require(ability: Ability, plan: Plan, *, hides: bool = False, model: str = "") -> None:
    """Raise an AbilityError unless the model can do this; `model` is its name, where it has one."""
    if ability not in abilities_of(plan, hides=hides):
        raise refusal(ability, plan, hides=hides, model=model)


def refusal(ability: Ability, plan: Plan, *, hides: bool = False, model: str = "") -> AbilityError:
    """Return the error that says what the model can do in place of what was asked."""
    able = ", ".join(sorted(abilities_of(plan, hides=hides)))
    return AbilityError(
        f"{model or 'this model'} is {plan.kind}: it {able}; what was asked needs a model that {ability}",
        model=model or plan.kind,
        kind=plan.kind,
        ability=ability,
        abilities=able,
    )


def causal_lists(plan: Plan) -> frozenset[str]:
    """Return the word lists whose positions see no later one.

    Where they do not attend to each other, a chain tells by its direction, and what tells words reads forward.
    """
    attention = [block for block in with_role(plan, "attention") if block.memory in ("", block.words)]
    own = {block.words for block in attention if attention_facts(block).causal}
    chains = with_role(plan, "recurrent")
    mixed = {block.words for block in attention}
    mixed |= {block.words for block in chains if isinstance(block.facts, RecurrentFacts) and block.facts.reverse}
    forward = {words.name for words in plan.word_lists if words.written} | {block.words for block in chains}
    return frozenset(own | forward - mixed)


def encoder_of(plan: Plan, *, model: str = "") -> str:
    """Return the stack whose words see each other on both sides; `model` is the name of the model.

    Raises:
        TargetError: if there is none.
    """
    causal = causal_lists(plan)
    found = next((words.stack for words in plan.word_lists if words.name not in causal), None)
    if found is None:
        raise TargetError(f"{model or f'a {plan.kind} model'} has no encoder", architecture=plan.kind)
    return found
