"""Edits of a run: what can be changed, how it is written, and the run under it."""
