"""Measurements: `make bench`, or `python -m tests.bench`. No test depends on them."""
