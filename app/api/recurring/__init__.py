"""recurring.*: reading, handling and rendering."""
