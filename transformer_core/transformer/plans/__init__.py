"""What the blocks of a Transformer say of themselves."""

from transformer_core.transformer.plans.whole import SOURCE, TARGET, transformer_plan

__all__ = ["SOURCE", "TARGET", "transformer_plan"]
