"""Effects that came to nothing: what lies dead in the outbox, and another try."""
