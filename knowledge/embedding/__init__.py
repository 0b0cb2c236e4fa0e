"""Sentences as vectors, on this machine: a small encoder that needs no network, no key and no GPU."""
