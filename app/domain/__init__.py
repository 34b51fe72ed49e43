"""The rules of billing: pure functions over immutable values.

Nothing here reads a clock, a file, a database or a random number; "today" is an
argument wherever it matters.
"""
