"""Orders: a purchase as a small saga whose state is its own row."""
