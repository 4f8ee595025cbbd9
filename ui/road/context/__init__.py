"""One word in two sentences, and the vectors that chains from both ends give it."""
