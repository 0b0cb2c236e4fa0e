"""What every package needs, against a real PostgreSQL."""
