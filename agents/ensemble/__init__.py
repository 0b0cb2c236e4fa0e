"""The ensemble: one streaming interface, many providers, ordered fallback, one usage row per call."""
