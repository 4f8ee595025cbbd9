"""Figures of the pages that write."""
