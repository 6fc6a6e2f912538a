"""Penalties: what facts cost, computed from what cases state; recorded is only what people decide about it."""
