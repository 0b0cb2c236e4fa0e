"""Staff: who works here, how they sign in, and the trail of what they did. The only writer of their tables in `core`."""
