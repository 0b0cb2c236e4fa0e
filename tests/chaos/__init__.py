"""The same under faults: connections, processes, Redis, PostgreSQL; and proof that each guard matters."""
