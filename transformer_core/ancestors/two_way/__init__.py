"""Chains that read a text from both ends, and the vectors in context that they give."""
