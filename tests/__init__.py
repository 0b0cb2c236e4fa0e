"""Mirrors the packages; plus flow, browser, chaos, bench and the rig that they share."""
