"""Documents that carry injections and lies: what they say, and what of it nobody may ever read."""
