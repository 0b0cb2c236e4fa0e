"""The router: examples, vectors, margin."""
