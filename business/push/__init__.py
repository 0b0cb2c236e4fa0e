"""Web push: devices of staff, and the short words that wake them. Never a customer's words."""
