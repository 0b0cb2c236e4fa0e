"""Tools: what an agent may do, called by a model or by the house alike; arguments come in as JSON, data and licensed figures go out."""
