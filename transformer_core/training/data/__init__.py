"""What a training reads: pairs, texts, batches, and which word belongs to which."""
