"""The house model: a deterministic concierge over the business profile; no key, no network, always there."""
