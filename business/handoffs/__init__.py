"""Handoffs: who owns a conversation, and the records of what needs a person."""
