"""Calling a person: the one tool that every agent may use."""
