"""Use cases: each a transaction over domain, storage and vault."""
