"""Customers: who writes to the business, and how a browser proves that it is the same visitor again."""
