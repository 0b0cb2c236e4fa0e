"""Campaigns: text messages to many, drafted, approved by a person, sent by each recipient's clock, and what came of them."""
