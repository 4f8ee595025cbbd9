"""The rows of `python -m benchmarks`: what the core costs, against Hugging Face `transformers`."""
