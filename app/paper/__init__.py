"""Invoices on paper: the only home of the typesetter and its fonts."""
