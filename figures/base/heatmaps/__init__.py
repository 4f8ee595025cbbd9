"""Heatmaps: what is in one, and the two ways of drawing it."""
