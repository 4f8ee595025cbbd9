"""How a model writes: rules, sampling, beam search, teacher forcing, and the record of every step."""
