"""The speed figures of docs/performance.md, against Hugging Face `transformers`; `python -m benchmarks` prints them."""
