"""Training of translation models: `python -m transformer_core.training --help`."""
