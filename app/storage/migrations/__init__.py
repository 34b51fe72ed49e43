"""Migrations, each applied once to a database, in the order of their numbers."""
