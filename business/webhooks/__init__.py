"""Webhooks out: who is told of what, how it is signed, what became of it."""
