"""Sites: where the widget may be embedded, and what this install keeps for all of them. The only writer of both tables."""
