"""What models cost and how they fare: the row that every call leaves, budgets over them, and what is read from them."""

from kernel.metering.budgets import Budgets, OverBudget, Refusal, give_back
from kernel.metering.health import HEALTH_WINDOW, ModelHealth, model_health
from kernel.metering.rows import Outcome, Race, UsageRow, UsageSink
from kernel.metering.sink import DatabaseUsageSink

__all__ = [
    "HEALTH_WINDOW",
    "Budgets",
    "DatabaseUsageSink",
    "ModelHealth",
    "Outcome",
    "OverBudget",
    "Race",
    "Refusal",
    "UsageRow",
    "UsageSink",
    "give_back",
    "model_health",
]
