"""Backups: one file that holds every row and every upload of an install, from one moment, and says by itself whether it is whole."""
