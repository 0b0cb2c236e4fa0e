"""The bounded contexts: rules as pure functions, services on a real PostgreSQL."""
