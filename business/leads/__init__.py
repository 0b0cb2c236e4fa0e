"""Leads: somebody who may become a customer, kept quietly while they write; who could not be served above all."""
