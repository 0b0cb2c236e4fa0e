"""crm: leads and what is known of customers. The schema stands; its first tables come with leads."""

from kernel.tables.base import CrmBase

__all__ = ["CrmBase"]
