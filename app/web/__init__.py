"""HTTP: the only home of Flask."""
