"""Where cards are sealed and opened: the only home of cryptography."""
