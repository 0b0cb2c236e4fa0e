"""Sentences as vectors, on this machine: a small encoder that needs no network, no key and no GPU."""

import os

# Read once, when numpy is first imported, which nothing of ours does before this. A sentence is too little work to be shared: threads
# that wait for each other make it five times slower where the cores are busy, and each of them holds memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
