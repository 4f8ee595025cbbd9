"""Assaults on a server that was started for it, on the loopback address; `python -m benchmarks.attack`."""
