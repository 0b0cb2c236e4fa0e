"""Coupons: less to pay, once, and only where a person said so."""
