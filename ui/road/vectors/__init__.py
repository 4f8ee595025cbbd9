"""What stands at the stop of word vectors: one step of pulling, and sums of vectors."""
