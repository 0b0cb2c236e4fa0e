"""How far it is and what the way costs: pure rules over the profile, places from a bundled table."""
