"""The billing engine: passes that find their work by a query, and a loop for them."""
