"""A chain that reads a sentence and one that writes another, with and without a look back."""
