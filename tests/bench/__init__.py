"""Measures what limits the product: conversations held, first token, memory, start, takeover, resume. `make bench`."""
