"""What a model can be asked for, told from what it is: pages, studies and `Glass` ask for an ability, never for a kind.

translates     reads one text and writes another
writes         writes word after word, each from all before it
predicts_next  says at each word of a text which word it expects next, and so goes on with a text
fills          says which word stands behind a [MASK]
classifies     says one thing of a whole text
embeds         gives each word of a text a vector that knows the words on both sides of it
"""

from __future__ import annotations

from typing import Literal

from transformer_core.glass.errors import AbilityError
from transformer_core.glass.plan import Plan, attention_facts
from transformer_core.glass.sites import all_sites, with_role

Ability = Literal["translates", "writes", "predicts_next", "fills", "classifies", "embeds"]


def abilities_of(plan: Plan, *, hides: bool = False) -> frozenset[Ability]:
    """Return what a model can do.

    Args:
        plan: of the model.
        hides: whether its tokenizer has a sign that hides a word, as [MASK] does.
    """
    written = next((one.name for one in plan.word_lists if one.written), None)
    if written is None:
        return frozenset({"embeds"})
    if all(not any(site.sides) for site in all_sites(plan) if site.kind == "probabilities"):
        return frozenset({"classifies"})
    if written not in causal_lists(plan):
        return frozenset({"embeds", "fills"} if hides else {"embeds"})
    reads_another = any(block.words == written and block.memory not in ("", written) for block in plan.blocks)
    return frozenset({"writes", "translates"} if reads_another else {"writes", "predicts_next"})


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
    """Return the word lists whose positions see no later one."""
    attention = with_role(plan, "attention")
    own = {block.words for block in attention if attention_facts(block).causal}
    return frozenset(own | {block.words for block in with_role(plan, "recurrent")})
