"""The Transformer: its configuration, blocks, layers and the whole model."""
