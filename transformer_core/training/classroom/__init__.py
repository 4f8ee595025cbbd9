"""Training pairs for what classes type: `python -m transformer_core.training.classroom --help`."""
