"""Tests, in folders named after the layers they are about."""
