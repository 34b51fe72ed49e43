"""What leaves the server: files that are left for other programs, and mail."""
