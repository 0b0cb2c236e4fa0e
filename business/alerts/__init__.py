"""Alerts: what nobody should have to look for. Deposits that are missing, leads that wait, handoffs that are overdue, dead letters."""
