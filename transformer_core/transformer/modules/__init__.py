"""The blocks of a Transformer as torch modules; `blocks.py` beside this room has their configuration."""
