"""The product over weeks that pass in seconds: one clock for the process and for PostgreSQL, which stands until it is moved."""
