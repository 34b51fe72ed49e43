"""Perennial: the FreshBooks Classic XML API, self-hosted, with a billing engine."""

__version__ = "0.1.0"
