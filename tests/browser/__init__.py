"""Tests in a real browser: the customer's chat and the console, side by side, as people use them."""
