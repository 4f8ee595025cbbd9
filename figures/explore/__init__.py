"""Figures of the pages that look into the model."""
