"""analytics: roll-ups. The schema stands; its first tables come with reports."""

from kernel.tables.base import AnalyticsBase

__all__ = ["AnalyticsBase"]
