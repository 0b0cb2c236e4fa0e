"""How well a model serves customers: conversations written down beforehand, run on the real agents, scored turn by turn."""
