"""Trained models: bundled files, and a model with its tokenizers."""
