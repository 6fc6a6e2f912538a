"""What the house wants to know of its customers, by when, and who may see it."""
