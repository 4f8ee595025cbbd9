"""The speed figures of the README, against Hugging Face `transformers`; `python -m benchmarks` prints them."""
