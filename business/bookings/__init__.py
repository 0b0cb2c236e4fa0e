"""Bookings: slots, durations, later holds and their life."""
