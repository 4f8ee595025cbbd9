"""Questions that a plan answers: which stacks and layers there are, and where a block or a value of them stands."""

from __future__ import annotations

from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.plan import (
    AttentionFacts,
    Block,
    EmbeddingFacts,
    FeedForwardFacts,
    Kind,
    NormFacts,
    OutputFacts,
    Plan,
    Role,
    Weight,
    WordList,
)

COUNTED = frozenset("LQKVSNHG")  # axes along which things are counted; a matrix has entries of vectors along both


def with_role(plan: Plan, *roles: Role) -> tuple[Block, ...]:
    """Return the blocks of a model that do this, in the order of computation."""
    return tuple(block for block in plan.blocks if block.role in roles)


def stacks(plan: Plan) -> tuple[str, ...]:
    """Return the names of a model's stacks, in the order in which they read."""
    return tuple(dict.fromkeys(words.stack for words in plan.word_lists))


def words_of(plan: Plan, stack: str) -> WordList:
    """Return the word list that a stack reads."""
    return next(words for words in plan.word_lists if words.stack == stack)


def written_list(plan: Plan) -> WordList | None:
    """Return the word list at whose positions the model says what it expects; None if it says nothing."""
    return next((words for words in plan.word_lists if words.written), None)


def n_layers(plan: Plan, stack: str) -> int:
    """Return how many layers a stack has."""
    return len({block.layer for block in plan.blocks if block.stack == stack and block.layer is not None})


def blocks_of(plan: Plan, stack: str, layer: int | None) -> tuple[Block, ...]:
    """Return the blocks of one layer of a stack, in the order of computation; None: those outside of its layers."""
    return tuple(block for block in plan.blocks if block.stack == stack and block.layer == layer)


def block_at(plan: Plan, stack: str, layer: int | None, name: str) -> Block | None:
    """Return the block that is called so in a layer of a stack, or None."""
    return next((block for block in blocks_of(plan, stack, layer) if block.name == name), None)


def attention_kinds(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the kinds of attention that a model has: stack and name of the block, as in every layer."""
    return tuple(dict.fromkeys((block.stack, block.name) for block in with_role(plan, "attention")))


def chains_of(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the chains of a model that reads a text by several: stack and name of the block; of any other none."""
    kinds = tuple(dict.fromkeys((block.stack, block.name) for block in with_role(plan, "recurrent")))
    return kinds if len({stack for stack, _ in kinds}) < len(kinds) else ()


def embedding_of(plan: Plan, stack: str) -> Block:
    """Return the embedding of a stack."""
    return next(block for block in with_role(plan, "embedding") if block.stack == stack)


def matrices_of(block: Block) -> tuple[Weight, ...]:
    """Return the matrices by which a block maps vectors to vectors: neither its tables nor its biases."""
    return tuple(one for one in block.weights if len(one.axes) == 2 and not set(one.axes) & COUNTED)


def key_of(block: Block, value: str = "") -> str:
    """Return the key of a block's value; of its last one if none is named."""
    return f"{block.path}.{value or block.values[-1].name}"


def stack_out(plan: Plan, stack: str) -> str:
    """Return the key of what a stack hands on."""
    block = block_at(plan, stack, None, "out")
    assert block is not None, f"{stack} hands nothing on"
    return key_of(block)


def layer_outs(plan: Plan, stack: str) -> tuple[str, ...]:
    """Return the keys of what the layers of a stack hand on, the first layer first."""
    ends = (block_at(plan, stack, layer, "out") for layer in range(n_layers(plan, stack)))
    return tuple(key_of(block) for block in ends if block is not None)


def has_output(plan: Plan) -> bool:
    """Return whether a model says anything of what it reads; one that only embeds does not."""
    return bool(with_role(plan, "output"))


def logits_key(plan: Plan) -> str:
    """Return the key of the logits; an UnknownSiteError in a model without an output."""
    return _first(plan, plan.blocks, "logits")


def probs_key(plan: Plan) -> str:
    """Return the key of the probabilities that follow from the logits; errors as in `logits_key`."""
    return _first(plan, with_role(plan, "output"), "probabilities")


def _first(plan: Plan, blocks: tuple[Block, ...], kind: Kind) -> str:
    found = [key_of(block, value.name) for block in blocks for value in block.values if value.kind == kind]
    if not found:
        raise UnknownSiteError(f"this {plan.kind} model has no output, and so no {kind}", key=kind, nearest="-")
    return found[0]


def norms_first(plan: Plan, stack: str) -> bool:
    """Return whether each sub-layer of a stack reads a normalised stream (pre-norm), and not its sum is normalised."""
    roles = [block.role for block in blocks_of(plan, stack, 0)]
    return "norm" in roles and roles.index("norm") < roles.index("add")


def attention_facts(block: Block) -> AttentionFacts:
    """Return what is known of an attention block."""
    assert isinstance(block.facts, AttentionFacts), f"{block.path} is no attention block"
    return block.facts


def embedding_facts(block: Block) -> EmbeddingFacts:
    """Return what is known of an embedding."""
    assert isinstance(block.facts, EmbeddingFacts), f"{block.path} is no embedding"
    return block.facts


def norm_facts(block: Block) -> NormFacts:
    """Return what is known of a normalisation."""
    assert isinstance(block.facts, NormFacts), f"{block.path} is no normalisation"
    return block.facts


def feed_forward_facts(block: Block) -> FeedForwardFacts:
    """Return what is known of a feed-forward network."""
    assert isinstance(block.facts, FeedForwardFacts), f"{block.path} is no feed-forward network"
    return block.facts


def output_facts(plan: Plan) -> OutputFacts:
    """Return what is known of a model's output head."""
    return next(block.facts for block in plan.blocks if isinstance(block.facts, OutputFacts))


def attention_of(plan: Plan, stack: str, name: str) -> tuple[Block, ...]:
    """Return one kind of attention in all layers of its stack, the first layer first."""
    return tuple(block for block in with_role(plan, "attention") if (block.stack, block.name) == (stack, name))
