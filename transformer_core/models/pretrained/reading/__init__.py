"""What all families share: fields of config.json, weights, tokenizer files, and the way from a folder to a model."""
