"""Figures of the pages that change something."""
