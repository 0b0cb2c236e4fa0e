"""What leaves a gateway: rooms of watchers, fed from PostgreSQL (truth) and from Redis (hints and live frames)."""
