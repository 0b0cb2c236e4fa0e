"""The tables of the six PostgreSQL schemas: columns, constraints, indexes; no I/O, no verbs of the business."""

from kernel.tables import ai, analytics, core, crm, marketing, ops
from kernel.tables.base import SCHEMAS, metadata

__all__ = ["SCHEMAS", "ai", "analytics", "core", "crm", "marketing", "metadata", "ops"]
