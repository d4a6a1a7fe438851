"""Benchmarks and their method; see bench/README.md. `python -m bench --help` lists the suites."""
