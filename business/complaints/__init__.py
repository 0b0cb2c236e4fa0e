"""Complaints: how bad it is, what was said, and a record of an incident that somebody may ask for in a year."""
