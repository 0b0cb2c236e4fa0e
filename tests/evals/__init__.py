"""The evaluation set and what proves that it measures."""
