"""marketing: campaigns and consent. The schema stands; its first tables come with campaigns."""

from kernel.tables.base import MarketingBase

__all__ = ["MarketingBase"]
