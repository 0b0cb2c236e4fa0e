"""Alembic, one linear history for all six schemas; below every package but `kernel`."""
