"""What the business knows, and how it is found."""
