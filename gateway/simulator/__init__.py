"""A RingCentral of our own on loopback, written from its published API: for tests, and to try texts without an account."""
