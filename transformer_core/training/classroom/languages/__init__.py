"""What the grammar of each language asks of a word in a sentence, and numbers in words."""
