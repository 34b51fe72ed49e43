"""invoice.*: reading, handling and rendering."""
