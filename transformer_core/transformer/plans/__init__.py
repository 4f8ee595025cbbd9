"""What the blocks of a Transformer say of themselves."""
