"""The bounded contexts of the business; each is the only writer of its tables."""
