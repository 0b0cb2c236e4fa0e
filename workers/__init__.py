"""Workers: the effects of the outbox, and what has to be looked at by the clock. Never runs a turn."""
